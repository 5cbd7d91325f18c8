#include "tests/integration/crd/refusals.h"

namespace milink::test {
namespace {

constexpr char kHost[] = "must be one DNS name or IP address and nothing else, such as sql1";
constexpr char kAddress[] = "must be one DNS name or IP address and nothing else, such as 10.0.0.4";
constexpr char kResourceName[] = "should match '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'";
constexpr char kKeyName[] = "should match '^[-._a-zA-Z0-9]+$'";
constexpr char kEndpointName[] = "must be a SQL Server name without control characters";
constexpr char kValidity[] = "must be a duration such as 8760h or 720h30m, from 720h to 87600h";
constexpr char kRenewBefore[] = "must be a duration such as 1440h or 720h30m, from 192h";
constexpr char kInterval[] = "must be a duration such as 30s or 1m30s, from 5s to 1h";

constexpr Refusal kReplicaRefusals[] = {
    {"no host", R"({"spec":{"host":null}})", "spec.host", "Required value"},
    {"a host with its port", R"({"spec":{"host":"sql1.corp.example,1433"}})", "spec.host", kHost},
    {"a host with an instance", R"({"spec":{"host":"sql1\\INST1"}})", "spec.host", kHost},
    {"a host that smuggles a connection attribute",
     R"({"spec":{"host":"sql1;TrustServerCertificate=yes"}})", "spec.host", kHost},
    {"a host that is nearly an IP address", R"({"spec":{"host":"10.0.0.256"}})", "spec.host",
     kHost},
    {"a host with an empty label", R"({"spec":{"host":"sql1..example"}})", "spec.host", kHost},
    {"a port out of range", R"({"spec":{"port":65536}})", "spec.port",
     "less than or equal to 65535"},
    {"a port and an instance", R"({"spec":{"port":1433,"instanceName":"INST1"}})", "spec",
     "port and instanceName exclude each other"},
    {"an instance with its server", R"({"spec":{"instanceName":"SQL1\\INST1"}})",
     "spec.instanceName", "the part after the backslash"},
    {"the default instance by name", R"({"spec":{"instanceName":"mssqlserver"}})",
     "spec.instanceName", "names the default instance"},
    {"no credentials", R"({"spec":{"credentialsSecretRef":null}})", "spec.credentialsSecretRef",
     "Required value"},
    {"a Secret of another namespace", R"({"spec":{"credentialsSecretRef":{"name":"other/login"}}})",
     "spec.credentialsSecretRef.name", kResourceName},
    {"an unknown TLS mode", R"({"spec":{"tls":{"mode":"Off"}}})", "spec.tls.mode",
     "supported values: \"Mandatory\", \"Optional\", \"Strict\""},
    {"strict encryption and no verification",
     R"({"spec":{"tls":{"mode":"Strict","trustServerCertificate":true}}})", "spec.tls",
     "are about a verified certificate"},
    {"a name in a certificate that is not looked at",
     R"({"spec":{"tls":{"serverName":"sql1","trustServerCertificate":true}}})", "spec.tls",
     "are about a verified certificate"},
    {"a CA and no verification",
     R"({"spec":{"tls":{"caRef":{"name":"ca"},"trustServerCertificate":true}}})", "spec.tls",
     "caRef and trustServerCertificate exclude each other"},
    {"a CA in an unknown kind of object",
     R"({"spec":{"tls":{"caRef":{"name":"ca","kind":"File"}}}})", "spec.tls.caRef.kind",
     "supported values: \"Secret\", \"ConfigMap\""},
    {"a CA reference with capitals", R"({"spec":{"tls":{"caRef":{"name":"CA"}}}})",
     "spec.tls.caRef.name", kResourceName},
    {"a CA key with a slash", R"({"spec":{"tls":{"caRef":{"name":"ca","key":"a/b"}}}})",
     "spec.tls.caRef.key", kKeyName},
    {"an endpoint name with a line break", R"({"spec":{"endpoint":{"name":"a\nb"}}})",
     "spec.endpoint.name", kEndpointName},
    {"an endpoint name that ends with a blank", R"({"spec":{"endpoint":{"name":"hadr "}}})",
     "spec.endpoint.name", kEndpointName},
    {"an endpoint address with its port", R"({"spec":{"endpoint":{"address":"10.0.0.4:5022"}}})",
     "spec.endpoint.address", kAddress},
    {"an endpoint address as a URL", R"({"spec":{"endpoint":{"address":"tcp://10.0.0.4"}}})",
     "spec.endpoint.address", kAddress},
    {"an unknown way to adopt an endpoint", R"({"spec":{"endpoint":{"adoption":"Replace"}}})",
     "spec.endpoint.adoption", "supported values: \"AsIs\", \"Alter\""},
    {"an endpoint on the instance's own port", R"({"spec":{"port":5022}})", "spec",
     "port and endpoint.port must differ"},
    {"an endpoint on the port that the instance has when none is given",
     R"({"spec":{"endpoint":{"port":1433}}})", "spec", "port and endpoint.port must differ"},
    {"a master key without a reference", R"({"spec":{"masterKey":{}}})",
     "spec.masterKey.passwordSecretRef", "Required value"},
    {"a master key reference with a blank",
     R"({"spec":{"masterKey":{"passwordSecretRef":{"name":"my key"}}}})",
     "spec.masterKey.passwordSecretRef.name", kResourceName},
    {"a master key's key with a blank",
     R"({"spec":{"masterKey":{"passwordSecretRef":{"name":"dmk","key":"my key"}}}})",
     "spec.masterKey.passwordSecretRef.key", kKeyName},
    {"a validity in days", R"({"spec":{"certificate":{"validity":"30d"}}})",
     "spec.certificate.validity", kValidity},
    {"a validity of minutes", R"({"spec":{"certificate":{"validity":"30m"}}})",
     "spec.certificate.validity", kValidity},
    {"a validity of a day", R"({"spec":{"certificate":{"validity":"24h"}}})",
     "spec.certificate.validity", kValidity},
    {"a renewal too late to tell anybody", R"({"spec":{"certificate":{"renewBefore":"24h"}}})",
     "spec.certificate.renewBefore", kRenewBefore},
    {"a renewal in days", R"({"spec":{"certificate":{"renewBefore":"60d"}}})",
     "spec.certificate.renewBefore", kRenewBefore},
    {"a renewal before half the time is over",
     R"({"spec":{"certificate":{"validity":"8760h","renewBefore":"4381h"}}})", "spec.certificate",
     "renewBefore must be at most half of validity"},
    {"a validity that the usual renewal does not fit",
     R"({"spec":{"certificate":{"validity":"720h"}}})", "spec.certificate",
     "renewBefore must be at most half of validity"},
    {"an eternal validity", R"({"spec":{"certificate":{"validity":"999999h"}}})",
     "spec.certificate.validity", kValidity},
    {"an unknown way with trace flags", R"({"spec":{"traceFlags":"On"}})", "spec.traceFlags",
     "supported values: \"Warn\", \"Require\", \"Enable\", \"Ignore\""},
    {"an unknown way to go", R"({"spec":{"deletionPolicy":"Unlink"}})", "spec.deletionPolicy",
     "supported values: \"Retain\", \"RemoveOwned\""},
    {"an unknown mode", R"({"spec":{"mode":"Ask"}})", "spec.mode",
     "supported values: \"Manage\", \"Plan\", \"Observe\""},
    {"an interval without unit", R"({"spec":{"observeInterval":"30"}})", "spec.observeInterval",
     kInterval},
    {"an interval that would be a storm", R"({"spec":{"observeInterval":"1s"}})",
     "spec.observeInterval", kInterval},
    {"an interval of a day", R"({"spec":{"observeInterval":"24h"}})", "spec.observeInterval",
     kInterval},
    {"an unknown field", R"({"spec":{"instanceNam":"INST1"}})", "spec.instanceNam",
     "unknown field"},
};

}  // namespace

std::span<const Refusal> ReplicaRefusals() { return kReplicaRefusals; }

}  // namespace milink::test
