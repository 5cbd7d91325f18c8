// SERVERPROPERTY, DB_ID, CERTENCODED and others which ask the instance.
#include <cctype>

#include "core/base/text.h"
#include "tests/sim/tsql/catalog/catalog.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/run/functions.h"
#include "tests/sim/tsql/run/session.h"
#include "tests/sim/world/pvk.h"
#include "tests/sim/world/world.h"

namespace milink::sim::tsql {
namespace {

TypeInfo Variant(const TypeList&) { return {.type = SqlType::kSqlVariant}; }
TypeInfo Name(const TypeList&) { return {.type = SqlType::kNVarChar, .length = 128}; }
TypeInfo Blob(const TypeList&) { return {.type = SqlType::kVarBinary, .length = 8000}; }

Value TextOrNull(const std::string& text) { return text.empty() ? Value(Null{}) : Value(text); }

std::int64_t EditionId(const std::string& edition) {
  struct Known {
    const char* prefix;
    std::int64_t id;
  };
  // The longer names stand before those they begin with.
  for (const Known& known :
       {Known{"Enterprise Edition: Core", 1872460670}, Known{"Enterprise Evaluation", 610778273},
        Known{"Enterprise", 1804890536}, Known{"Standard", -1534726760}, Known{"Web", 1293598313},
        Known{"Developer", -2117995310}, Known{"Express", -1592396055},
        Known{"Business", 284895786}, Known{"SQL Azure", 1674378470}}) {
    if (edition.starts_with(known.prefix)) return known.id;
  }
  return 0;
}

Value PropertyOf(const SqlServerInstance& instance, const std::string& name) {
  if (name == "PRODUCTVERSION") return instance.product_version;
  if (name == "PRODUCTLEVEL") return instance.product_level;
  if (name == "PRODUCTUPDATELEVEL") return TextOrNull(instance.update_level);
  if (name == "PRODUCTUPDATEREFERENCE") return TextOrNull(instance.update_reference);
  if (name == "PRODUCTMAJORVERSION") return std::to_string(instance.MajorVersion());
  if (name == "EDITION") return instance.edition;
  if (name == "EDITIONID") return EditionId(instance.edition);
  if (name == "ENGINEEDITION") return std::int64_t{instance.engine_edition};
  if (name == "ISHADRENABLED") return std::int64_t{instance.hadr_enabled};
  if (name == "HADRMANAGERSTATUS") return std::int64_t{instance.hadr_manager_status};
  if (name == "ISCLUSTERED") return std::int64_t{instance.clustered};
  if (name == "ISSINGLEUSER") return std::int64_t{0};
  if (name == "MACHINENAME" || name == "COMPUTERNAMEPHYSICALNETBIOS") return instance.machine_name;
  if (name == "INSTANCENAME") return TextOrNull(instance.instance_name);
  if (name == "SERVERNAME") return instance.server_name;
  if (name == "COLLATION") return instance.collation;
  return Null{};  // as the real function answers a name it does not know
}

Value ServerProperty(const Environment& e, const ValueList& v, const TypeList& t) {
  return PropertyOf(*e.instance, ToUpperAscii(TextArgument(v, t, 0)));
}

Value DatabaseProperty(const Environment& e, const ValueList& v, const TypeList& t) {
  const Database* database = e.instance->FindDatabase(TextArgument(v, t, 0));
  const std::string name = ToUpperAscii(TextArgument(v, t, 1));
  if (database == nullptr) return Null{};
  if (name == "STATUS") return std::string(Desc(database->state));
  if (name == "RECOVERY") return std::string(Desc(database->recovery));
  if (name == "USERACCESS") return std::string(Desc(database->user_access));
  if (name == "COLLATION") return database->collation;
  if (name == "ISAUTOCLOSE") return std::int64_t{database->auto_close};
  if (name == "UPDATEABILITY") {
    return std::string(database->read_only ? "READ_ONLY" : "READ_WRITE");
  }
  return Null{};
}

Value DatabaseId(const Environment& e, const ValueList& v, const TypeList& t) {
  const int id = DatabaseIdOf(e, v.empty() ? e.session->database() : TextArgument(v, t, 0));
  return id == 0 ? Value(Null{}) : Value(std::int64_t{id});
}

Value DatabaseName(const Environment& e, const ValueList& v, const TypeList& t) {
  if (v.empty()) return e.session->database();
  const std::int64_t id = IntegerArgument(v, t, 0);
  for (const auto* name : {"master", "tempdb", "model", "msdb"}) {
    if (DatabaseIdOf(e, name) == id) return std::string(name);
  }
  for (const Database& database : e.instance->databases) {
    if (database.database_id == id) return database.name;
  }
  return Null{};
}

bool InMaster(const Environment& e) {
  return SameText(e.session->database(), "master", e.collation);
}

Value CertificateId(const Environment& e, const ValueList& v, const TypeList& t) {
  std::string name = TextArgument(v, t, 0);
  if (name.size() > 1 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  const Certificate* certificate = InMaster(e) ? e.instance->FindCertificate(name) : nullptr;
  return certificate == nullptr ? Value(Null{}) : Value(std::int64_t{certificate->certificate_id});
}

Value CertificateEncoded(const Environment& e, const ValueList& v, const TypeList& t) {
  if (!InMaster(e) || !HasPermission(e, "VIEW ANY DEFINITION")) return Null{};
  const auto id = static_cast<int>(IntegerArgument(v, t, 0));
  const Certificate* certificate = e.instance->FindCertificateById(id);
  return certificate == nullptr ? Value(Null{}) : Value(Bytes{certificate->der});
}

// NULL for whom the private key is not to be used.
Value CertificatePrivateKey(const Environment& e, const ValueList& v, const TypeList& t) {
  if (!InMaster(e) || IsNullValue(v[0]) || IsNullValue(v[1])) return Null{};
  const auto id = static_cast<int>(IntegerArgument(v, t, 0));
  const Certificate* certificate = e.instance->FindCertificateById(id);
  if (certificate == nullptr || certificate->private_key_pem.empty() ||
      !HasPermission(e, "CONTROL SERVER")) {
    return Null{};
  }
  if (!e.instance->master_key.encrypted_by_service_key) Fail(15'581);
  std::string password = TextArgument(v, t, 1);
  e.world->confided.push_back(password);
  if (e.world->switches.private_key_password_is_utf16) {
    std::string wide;
    for (const char c : password) wide += {c, '\0'};
    password = wide;
  }
  return Bytes{MakePvk(certificate->private_key_pem, password)};
}

Value InServerRole(const Environment& e, const ValueList& v, const TypeList& t) {
  const std::string role = ToLowerAscii(TextArgument(v, t, 0));
  if (v.size() > 1) {
    const Login* login = e.instance->FindLogin(TextArgument(v, t, 1));
    if (login != nullptr) return std::int64_t{role == "public" || login->sysadmin};
    const bool windows = TextArgument(v, t, 1).find('\\') != std::string::npos;
    return windows ? Value(std::int64_t{role == "public"}) : Value(Null{});
  }
  if (role == "public") return std::int64_t{1};
  for (const auto* known : {"sysadmin", "serveradmin", "setupadmin", "securityadmin",
                            "processadmin", "dbcreator", "diskadmin", "bulkadmin"}) {
    if (role == known) return std::int64_t{IsSysadmin(e)};
  }
  return Null{};
}

// Of the server only: the first two arguments NULL.
Value HasPermissionByName(const Environment& e, const ValueList& v, const TypeList& t) {
  if (IsNullValue(v[2])) return Null{};
  return std::int64_t{HasPermission(e, ToUpperAscii(TextArgument(v, t, 2)))};
}

Value LoginName(const Environment& e, const ValueList&, const TypeList&) {
  return e.session->login;
}

Value NewId(const Environment& e, const ValueList&, const TypeList&) {
  return Guid{ToUpperAscii(NewUuid(*e.world->random))};
}

// Only what the procedures and views of this server are asked for.
Value ObjectId(const Environment& e, const ValueList& v, const TypeList& t) {
  std::string name = ToLowerAscii(TextArgument(v, t, 0));
  if (name.starts_with("sys.")) name = name.substr(4);
  const bool link = e.instance->link_procedures;
  if (link && name == "sp_certificate_add_issuer") return std::int64_t{-1042};
  if (link && name == "sp_get_endpoint_certificate") return std::int64_t{-1043};
  return Null{};
}

Value SessionContext(const Environment& e, const ValueList& v, const TypeList& t) {
  const auto found = e.session->context.find(ToLowerAscii(TextArgument(v, t, 0)));
  return found == e.session->context.end() ? Value(Null{}) : Value(found->second);
}

}  // namespace

const std::vector<Function>& ServerFunctions() {
  static const std::vector<Function> kFunctions = {
      {"SERVERPROPERTY", 1, 1, true, Variant, ServerProperty},
      {"IS_SRVROLEMEMBER", 1, 2, true, IntResult, InServerRole},
      {"HAS_PERMS_BY_NAME", 3, 5, false, IntResult, HasPermissionByName},
      {"SUSER_SNAME", 0, 0, true, Name, LoginName},
      {"SUSER_NAME", 0, 0, true, Name, LoginName},
      {"ORIGINAL_LOGIN", 0, 0, true, Name, LoginName},
      {"NEWID", 0, 0, true,
       [](const TypeList&) { return TypeInfo{.type = SqlType::kUniqueIdentifier}; }, NewId},
      {"OBJECT_ID", 1, 2, true, IntResult, ObjectId},
      {"SESSION_CONTEXT", 1, 1, true, Variant, SessionContext},
  };
  return kFunctions;
}

const std::vector<Function>& DatabaseFunctions() {
  static const std::vector<Function> kFunctions = {
      {"DATABASEPROPERTYEX", 2, 2, true, Variant, DatabaseProperty},
      {"DB_ID", 0, 1, true, [](const TypeList&) { return TypeInfo{.type = SqlType::kSmallInt}; },
       DatabaseId},
      {"DB_NAME", 0, 1, true, Name, DatabaseName},
      {"CERT_ID", 1, 1, true, IntResult, CertificateId},
      {"CERTENCODED", 1, 1, true, Blob, CertificateEncoded},
      {"CERTPRIVATEKEY", 2, 3, false, Blob, CertificatePrivateKey},
  };
  return kFunctions;
}

}  // namespace milink::sim::tsql
