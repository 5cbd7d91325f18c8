// sys.certificates, sys.symmetric_keys, sys.server_principals, sys.server_permissions,
// sys.dm_database_encryption_keys.
#include <set>

#include "tests/sim/tsql/catalog/view_builder.h"

namespace milink::sim::tsql {
namespace {

Value BytesOfHex(const std::string& hex) {
  const auto bytes = FromHex(hex);
  return bytes ? Value(Bytes{*bytes}) : Value(Null{});
}

View CertificatesView() {
  using R = Certificate;
  return MakeView<R>(
      {"sys", "certificates", Access::kDefinition},
      [](const Environment& e) { return e.instance->certificates; },
      Columns<R>()
          .Name("name", &R::name)
          .Int("certificate_id", &R::certificate_id)
          .Fixed("principal_id", kIntType, std::int64_t{1})
          .Add("pvt_key_encryption_type", CharType(2),
               [](const R& r) { return r.has_private_key ? "MK" : "NA"; })
          .Add("pvt_key_encryption_type_desc", kDescType,
               [](const R& r) {
                 return r.has_private_key ? "ENCRYPTED_BY_MASTER_KEY" : "NO_PRIVATE_KEY";
               })
          .FixedBit("is_active_for_begin_dialog", true)
          .Text("issuer_name", 442, &R::issuer)
          .Text("cert_serial_number", 64, &R::serial)
          .Add("sid", BinaryType(85), [](const R& r) { return BytesOfHex(r.thumbprint); })
          .Text("string_sid", 128, [](const R& r) { return "S-1-9-1-" + r.thumbprint; })
          .Text("subject", 4000, &R::subject)
          .Time("expiry_date", &R::expiry_date)
          .Time("start_date", &R::start_date)
          .Add("thumbprint", BinaryType(32), [](const R& r) { return BytesOfHex(r.thumbprint); })
          .Null("attested_by", TextType(260))
          .Null("pvt_key_last_backup_date", kDateTimeType)
          .Int("key_length", &R::key_length));
}

struct Key {
  std::string name;
  int id = 0;
  TimePoint create_date;
  std::string guid;
};

std::vector<Key> Keys(const Environment& env) {
  const SqlServerInstance& instance = *env.instance;
  std::vector<Key> keys;
  if (instance.master_key.exists) {
    keys.push_back({"##MS_DatabaseMasterKey##", 101, instance.master_key.create_date,
                    instance.master_key.guid});
  }
  keys.push_back(
      {"##MS_ServiceMasterKey##", 102, instance.start_time, instance.service_master_key_guid});
  return keys;
}

View SymmetricKeysView() {
  return MakeView<Key>({"sys", "symmetric_keys", Access::kDefinition}, Keys,
                       Columns<Key>()
                           .Name("name", &Key::name)
                           .Fixed("principal_id", kIntType, std::int64_t{1})
                           .Int("symmetric_key_id", &Key::id)
                           .Fixed("key_length", kIntType, std::int64_t{256})
                           .Fixed("key_algorithm", CharType(2), std::string("A3"))
                           .Fixed("algorithm_desc", kDescType, std::string("AES_256"))
                           .Time("create_date", &Key::create_date)
                           .Time("modify_date", &Key::create_date)
                           .Guid("key_guid", &Key::guid)
                           .Null("key_thumbprint", {.type = SqlType::kSqlVariant})
                           .Null("provider_type", TextType(120))
                           .Null("cryptographic_provider_guid", kGuidType)
                           .Null("cryptographic_provider_algid", {.type = SqlType::kSqlVariant}));
}

struct Principal {
  std::string name;
  int id = 0;
  bool disabled = false;
  std::string type = "S";
  std::set<std::string> permissions = {};
};

// The Windows account stands only where there is Windows.
std::vector<Principal> Principals(const Environment& env) {
  std::vector<Principal> rows;
  int id = 258;
  for (const Login& login : env.instance->logins) {
    rows.push_back(
        {login.name, login.name == "sa" ? 1 : ++id, login.disabled, "S", login.permissions});
  }
  if (env.instance->platform == "Windows") {
    rows.push_back({"NT AUTHORITY\\SYSTEM", 258, false, "U", env.instance->cluster_account_rights});
  }
  return rows;
}

View PrincipalsView() {
  return MakeView<Principal>(
      {"sys", "server_principals", Access::kDefinition}, Principals,
      Columns<Principal>()
          .Name("name", &Principal::name)
          .Int("principal_id", &Principal::id)
          .Add("sid", BinaryType(85),
               [](const Principal& r) {
                 return Value(Bytes{std::string(1, static_cast<char>(r.id))});
               })
          .Add("type", CharType(1), &Principal::type)
          .Add("type_desc", kDescType,
               [](const Principal& r) { return r.type == "U" ? "WINDOWS_LOGIN" : "SQL_LOGIN"; })
          .Bit("is_disabled", &Principal::disabled)
          .Fixed("default_database_name", kNameType, std::string("master")));
}

struct Permission {
  int grantee = 0;
  std::string name;
};

View PermissionsView() {
  return MakeView<Permission>(
      {"sys", "server_permissions", Access::kDefinition},
      [](const Environment& e) {
        std::vector<Permission> rows;
        for (const Principal& principal : Principals(e)) {
          for (const std::string& permission : principal.permissions) {
            rows.push_back({principal.id, permission});
          }
        }
        return rows;
      },
      Columns<Permission>()
          .Fixed("class", kTinyIntType, std::int64_t{100})
          .Fixed("class_desc", kDescType, std::string("SERVER"))
          .Fixed("major_id", kIntType, std::int64_t{0})
          .Fixed("minor_id", kIntType, std::int64_t{0})
          .Int("grantee_principal_id", &Permission::grantee)
          .Fixed("grantor_principal_id", kIntType, std::int64_t{1})
          .Name("permission_name", &Permission::name)
          .Fixed("state", CharType(1), std::string("G"))
          .Fixed("state_desc", kDescType, std::string("GRANT")));
}

// Only such as are kept in an external provider; see AsymmetricKey.
View AsymmetricKeysView() {
  using R = AsymmetricKey;
  return MakeView<R>(
      {"sys", "asymmetric_keys", Access::kDefinition},
      [](const Environment& e) { return e.instance->asymmetric_keys; },
      Columns<R>()
          .Name("name", &R::name)
          .Fixed("principal_id", kIntType, std::int64_t{1})
          .Int("asymmetric_key_id", &R::asymmetric_key_id)
          .Fixed("pvt_key_encryption_type", CharType(2), std::string("CP"))
          .Fixed("pvt_key_encryption_type_desc", kDescType,
                 std::string("ENCRYPTED_BY_CRYPTOGRAPHIC_PROVIDER"))
          .Add("thumbprint", BinaryType(32), [](const R& r) { return BytesOfHex(r.thumbprint); })
          .Fixed("algorithm", CharType(2), std::string("2R"))
          .Fixed("algorithm_desc", kDescType, std::string("RSA_2048"))
          .Fixed("key_length", kIntType, std::int64_t{2048})
          .Fixed("provider_type", TextType(120), std::string("CRYPTOGRAPHIC PROVIDER")));
}

// Is it a certificate? Else it is an asymmetric key.
bool IsByCertificate(const Environment& e, const Database& database) {
  return e.instance->FindCertificateByThumbprint(database.encryptor_thumbprint) != nullptr;
}

struct EncryptionKey {
  Database database;
  std::string protector;
};

View EncryptionKeysView() {
  using R = EncryptionKey;
  const auto created = [](const R& r) { return r.database.create_date; };
  return MakeView<R>(
      {"sys", "dm_database_encryption_keys", Access::kServerState},
      [](const Environment& e) {
        std::vector<R> rows;
        for (const Database& database : e.instance->databases) {
          if (database.encryptor_thumbprint.empty()) continue;
          rows.push_back(
              {database, IsByCertificate(e, database) ? "CERTIFICATE" : "ASYMMETRIC KEY"});
        }
        return rows;
      },
      Columns<R>()
          .Int("database_id", [](const R& r) { return r.database.database_id; })
          .Fixed("encryption_state", kIntType, std::int64_t{3})
          .Time("create_date", created)
          .Time("regenerate_date", created)
          .Time("modify_date", created)
          .Time("set_date", created)
          .Time("opened_date", created)
          .Fixed("key_algorithm", TextType(32), std::string("AES"))
          .Fixed("key_length", kIntType, std::int64_t{256})
          .Add("encryptor_thumbprint", BinaryType(20),
               [](const R& r) { return BytesOfHex(r.database.encryptor_thumbprint); })
          .Text("encryptor_type", 32, &R::protector)
          .Fixed("percent_complete", kRealType, 0.0)
          .Fixed("encryption_state_desc", TextType(32), std::string("ENCRYPTED"), kSqlServer2019));
}

}  // namespace

std::vector<View> SecurityViews() {
  return {CertificatesView(), SymmetricKeysView(),  PrincipalsView(),
          PermissionsView(),  AsymmetricKeysView(), EncryptionKeysView()};
}

}  // namespace milink::sim::tsql
