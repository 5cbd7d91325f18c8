#include "core/sql/statements.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <vector>

#include "core/base/text.h"
#include "core/base/time_format.h"
#include "core/sql/batch_text.h"

namespace milink::sql {
namespace {

// Malformed hexadecimal becomes no bytes, which quoting refuses.
std::string BytesOf(std::string_view hex) { return FromHex(hex).value_or(std::string()); }

// FNV-1a: tells apart names that look alike once their special characters are gone.
std::string Hash8(std::string_view text) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  }
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((hash >> static_cast<unsigned>(shift)) & 0xFFU);
  }
  return ToLowerAscii(ToHex(bytes));
}

std::string SafeFileName(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  std::string out;
  for (const char c : text.substr(0, kLongest)) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
    out += safe ? c : '_';
  }
  return out;
}

// "NEGOTIATE, CERTIFICATE" in its parts.
std::vector<std::string> WordsOf(std::string_view description) {
  std::vector<std::string> words;
  for (const auto& part : Split(description, ',')) {
    words.emplace_back(Trim(part));
  }
  return words;
}

// Keywords cannot be quoted, so only known ones go into a statement.
bool Among(std::initializer_list<std::string_view> known, const std::vector<std::string>& words) {
  return std::ranges::all_of(words, [&](const std::string& word) {
    return std::ranges::find(known, word) != known.end();
  });
}

Result<SqlBatch> DropGroup(const GroupName& name, std::string_view group_id, bool distributed) {
  return BatchText("IF EXISTS (SELECT 1 FROM sys.availability_groups WHERE name = ")
      .Literal(name.str())
      .Text(" AND group_id = ")
      .Guid(group_id)
      .Text(distributed ? " AND is_distributed = 1)" : " AND is_distributed = 0)")
      .Text(" DROP AVAILABILITY GROUP ")
      .Identifier(name.str())
      .Text(";")
      .Finish();
}

constexpr int kChainNotValidated = 37'449;

// What a guarded statement answers with when its guard did not hold.
constexpr char kLeftAlone[] = " ELSE SELECT 1 AS left_alone;";

// `more` is one more condition.
Result<SqlBatch> DropCertificateIf(const CertificateName& name, std::string_view thumbprint,
                                   std::string_view more) {
  return BatchText("IF EXISTS (SELECT 1 FROM sys.certificates WHERE name = ")
      .Literal(name.str())
      .Text(" AND thumbprint = ")
      .Binary(BytesOf(thumbprint))
      .Text(more)
      .Text(") DROP CERTIFICATE ")
      .Identifier(name.str())
      .Text(kLeftAlone)
      .Finish();
}

}  // namespace

bool WasLeftAlone(const SqlReply& reply) {
  return std::ranges::any_of(reply.sets, [](const ResultSet& set) {
    return set.columns.size() == 1 && set.columns.front() == "left_alone";
  });
}

Result<SqlBatch> EnableTraceFlags(const std::vector<int>& flags) {
  BatchText batch("DBCC TRACEON(");
  for (const int flag : flags) {
    batch.Integer(flag).Text(", ");
  }
  return batch.Text("-1) WITH NO_INFOMSGS;").Finish();
}

Result<SqlBatch> CreateMasterKey(const Secret& password) {
  return BatchText("CREATE MASTER KEY ENCRYPTION BY PASSWORD = ")
      .SecretLiteral(password)
      .Text(";")
      .Finish();
}

// One batch, because an opened key belongs to the session.
Result<SqlBatch> AddServiceKeyEncryption(const Secret& password) {
  return BatchText("OPEN MASTER KEY DECRYPTION BY PASSWORD = ")
      .SecretLiteral(password)
      .Text(
          "; ALTER MASTER KEY ADD ENCRYPTION BY SERVICE MASTER KEY;"
          " CLOSE MASTER KEY;")
      .Finish();
}

Result<SqlBatch> CreateCertificate(const CertificateRequest& request) {
  return BatchText("CREATE CERTIFICATE ")
      .Identifier(request.name.str())
      .Text(" WITH SUBJECT = ")
      .Literal(request.subject)
      .Text(", START_DATE = ")
      .Literal(FormatSqlDate(request.not_before))
      .Text(", EXPIRY_DATE = ")
      .Literal(FormatSqlDate(request.not_after))
      .Text(";")
      .Finish();
}

Result<SqlBatch> ImportCertificate(const CertificateName& name, std::string_view der) {
  return BatchText("CREATE CERTIFICATE ")
      .Identifier(name.str())
      .Text(" FROM BINARY = ")
      .Binary(der)
      .Text(";")
      .Finish();
}

// The procedure takes the certificate's number, so the batch looks it up itself.
Result<SqlBatch> AddTrustedIssuer(const CertificateName& root, std::string_view dns_pattern) {
  return BatchText("DECLARE @id int = CERT_ID(")
      .Literal(root.str())
      .Text("); EXEC sys.sp_certificate_add_issuer @id, ")
      .Literal(dns_pattern)
      .Text(";")
      .Finish();
}

Result<SqlBatch> ValidateChain(const CertificateName& name) {
  return BatchText("DECLARE @id int = CERT_ID(")
      .Literal(name.str())
      .Text("); EXEC sys.sp_validate_certificate_ca_chain @id;")
      .Finish();
}

bool ChainNotValidated(const SqlReply& reply) {
  return std::ranges::count(reply.messages, kChainNotValidated, &SqlMessage::number) > 0;
}

Result<SqlBatch> DropCertificate(const CertificateName& name, std::string_view thumbprint) {
  return DropCertificateIf(name, thumbprint, "");
}

Result<SqlBatch> DropPublicCertificate(const CertificateName& name, std::string_view thumbprint) {
  return DropCertificateIf(name, thumbprint, " AND pvt_key_encryption_type = N'NA'");
}

Result<SqlBatch> CreateEndpoint(const EndpointName& name, std::uint16_t port,
                                const CertificateName& certificate) {
  return BatchText("CREATE ENDPOINT ")
      .Identifier(name.str())
      .Text(" STATE = STARTED AS TCP (LISTENER_PORT = ")
      .Integer(port)
      .Text(
          ", LISTENER_IP = ALL)"
          " FOR DATABASE_MIRRORING (ROLE = ALL, AUTHENTICATION = CERTIFICATE ")
      .Identifier(certificate.str())
      .Text(", ENCRYPTION = REQUIRED ALGORITHM AES);")
      .Finish();
}

Result<SqlBatch> StartEndpoint(const EndpointName& name) {
  return BatchText("ALTER ENDPOINT ").Identifier(name.str()).Text(" STATE = STARTED;").Finish();
}

Result<SqlBatch> AlterEndpoint(const EndpointChange& change) {
  const bool known =
      Among({"ALL", "PARTNER"}, {change.role}) &&
      Among({"NTLM", "KERBEROS", "NEGOTIATE", "CERTIFICATE"}, WordsOf(change.authentication)) &&
      Among({"AES", "RC4"}, WordsOf(change.encryption));
  if (!known) {
    return Error{ErrorKind::kInvalid, "TextNotAllowed",
                 "endpoint " + change.name.str() + " cannot be given role " + change.role +
                     ", authentication " + change.authentication + " and encryption " +
                     change.encryption,
                 ""};
  }
  BatchText batch("IF EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = ");
  batch.Literal(change.name.str())
      .Text(" AND endpoint_id = ")
      .Integer(change.endpoint_id)
      .Text(" AND connection_auth_desc = ")
      .Literal(change.seen_authentication)
      .Text(" AND encryption_algorithm_desc = ")
      .Literal(change.seen_encryption);
  if (!change.seen_certificate.empty()) {
    batch.Text(" AND certificate_id = CERT_ID(").Literal(change.seen_certificate.str()).Text(")");
  }
  batch.Text(") ALTER ENDPOINT ")
      .Identifier(change.name.str())
      .Text(" STATE = STARTED AS TCP (LISTENER_PORT = ")
      .Integer(change.port)
      .Text(", LISTENER_IP = ALL)");
  const bool same_certificate =
      change.seen_certificate.empty() || change.certificate == change.seen_certificate;
  const bool same_payload = change.authentication == change.seen_authentication &&
                            change.encryption == change.seen_encryption && same_certificate;
  if (same_payload) {
    return batch.Text(kLeftAlone).Finish();
  }
  batch.Text(" FOR DATABASE_MIRRORING (ROLE = ").Text(change.role).Text(", AUTHENTICATION =");
  for (const auto& word : WordsOf(change.authentication)) {
    if (word == "CERTIFICATE") {
      batch.Text(" CERTIFICATE ").Identifier(change.certificate.str());
    } else {
      batch.Text(" WINDOWS ").Text(word);
    }
  }
  return batch.Text(", ENCRYPTION = REQUIRED ALGORITHM ")
      .Text(Join(WordsOf(change.encryption), " "))
      .Text(")")
      .Text(kLeftAlone)
      .Finish();
}

Result<SqlBatch> DropEndpoint(const EndpointName& name, int endpoint_id) {
  return BatchText("IF EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = ")
      .Literal(name.str())
      .Text(" AND endpoint_id = ")
      .Integer(endpoint_id)
      .Text(
          ") AND NOT EXISTS (SELECT 1 FROM sys.availability_groups)"
          " AND NOT EXISTS (SELECT 1 FROM sys.database_mirroring WHERE mirroring_guid IS NOT NULL)"
          " DROP ENDPOINT ")
      .Identifier(name.str())
      .Text(kLeftAlone)
      .Finish();
}

Result<SqlBatch> SetFullRecovery(const DatabaseName& database) {
  return BatchText("ALTER DATABASE ")
      .Identifier(database.str())
      .Text(" SET RECOVERY FULL;")
      .Finish();
}

std::string BackupFile(std::string_view directory, const DatabaseName& database,
                       std::string_view tag) {
  const bool windows = directory.find('\\') != std::string_view::npos ||
                       (directory.size() >= 2 && directory[1] == ':');
  const char separator = windows ? '\\' : '/';
  std::string path(directory);
  if (!path.empty() && path.back() != '/' && path.back() != '\\') {
    path += separator;
  }
  path += "milink_" + SafeFileName(database.str()) + "_" + Hash8(database.str());
  if (!tag.empty()) {
    path += "_" + SafeFileName(tag);
  }
  return path + ".bak";
}

Result<SqlBatch> BackupDatabase(const DatabaseName& database, std::string_view file) {
  return BatchText("BACKUP DATABASE ")
      .Identifier(database.str())
      .Text(" TO DISK = ")
      .Literal(file)
      .Text(" WITH CHECKSUM;")
      .Finish();
}

// ALLOW_CONNECTIONS: without it the copy cannot be read once roles have changed.
Result<SqlBatch> CreateAvailabilityGroup(const LocalGroupRequest& request) {
  return BatchText("CREATE AVAILABILITY GROUP ")
      .Identifier(request.name.str())
      .Text(request.cluster_type_clause ? " WITH (CLUSTER_TYPE = NONE)" : "")
      .Text(" FOR DATABASE ")
      .Identifier(request.database.str())
      .Text(" REPLICA ON ")
      .Literal(request.server_name)
      .Text(" WITH (ENDPOINT_URL = ")
      .Literal(request.endpoint_url)
      .Text(
          ", AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL,"
          " SEEDING_MODE = AUTOMATIC, SECONDARY_ROLE (ALLOW_CONNECTIONS = ALL));")
      .Finish();
}

Result<SqlBatch> CreateDistributedGroup(const DistributedGroupRequest& request) {
  constexpr std::string_view kMode =
      ", AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL,"
      " SEEDING_MODE = AUTOMATIC";
  return BatchText("CREATE AVAILABILITY GROUP ")
      .Identifier(request.name.str())
      .Text(" WITH (DISTRIBUTED) AVAILABILITY GROUP ON ")
      .Literal(request.local_group.str())
      .Text(" WITH (LISTENER_URL = ")
      .Literal(request.local_url)
      .Text(kMode)
      .Text(", SESSION_TIMEOUT = 20), ")
      .Literal(request.instance_group.str())
      .Text(" WITH (LISTENER_URL = ")
      .Literal(request.instance_url)
      .Text(kMode)
      .Text(");")
      .Finish();
}

Result<SqlBatch> DropAvailabilityGroup(const GroupName& name, std::string_view group_id) {
  return DropGroup(name, group_id, false);
}

Result<SqlBatch> DropDistributedGroup(const GroupName& name, std::string_view group_id) {
  return DropGroup(name, group_id, true);
}

}  // namespace milink::sql
