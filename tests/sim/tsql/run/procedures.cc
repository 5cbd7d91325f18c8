// The system procedures, with their parameters. A name outside of this table does not exist: 2812.
#include "tests/sim/tsql/run/procedures.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "core/base/text.h"
#include "tests/sim/tsql/parse/parser.h"
#include "tests/sim/world/link_dynamics.h"
#include "tests/sim/world/security_ddl.h"

namespace milink::sim::tsql {

int Procedures::AddIssuer(Interpreter& in, Arguments& a) {
  in.RequirePermission("ALTER ANY CERTIFICATE", Failure(MakeMessage(15247)));
  const auto id = Integer(a[0]);
  const std::string dns = Text(a[1]);
  const std::string object =
      in.WithWorld([&](const WorldState&, const SqlServerInstance& instance, const Environment&) {
        const Certificate* found =
            id ? instance.FindCertificateById(static_cast<int>(*id)) : nullptr;
        return (found == nullptr ? std::string("?") : found->name) + " " + dns;
      });
  in.Mutate("EXEC sp_certificate_add_issuer", object, [&](WorldState& world, SqlServerInstance& i) {
    return AddTrustedIssuer(world, i, id ? std::optional(static_cast<int>(*id)) : std::nullopt,
                            dns);
  });
  return 0;
}

int Procedures::ValidateChain(Interpreter& in, Arguments& a) {
  const auto id = Integer(a[0]);
  const bool validated = in.WithWorld([&](const WorldState& world,
                                          const SqlServerInstance& instance, const Environment&) {
    const Certificate* found = id ? instance.FindCertificateById(static_cast<int>(*id)) : nullptr;
    if (found == nullptr) {
      Fail(15151, {"find", "certificate", id ? std::to_string(*id) : "NULL"});
    }
    return ChainValidated(world, instance, *found);
  });
  if (!validated) in.writer_.Message(MakeMessage(37449));
  return 0;
}

int Procedures::EndpointCertificate(Interpreter& in, Arguments& a) {
  const auto type = Integer(a[0]);
  std::string der;
  const SqlOutcome outcome = in.WithWorld(
      [&](const WorldState& world, const SqlServerInstance& instance, const Environment&) {
        if (type != 4) {
          return Refuse(47505, {type ? std::to_string(*type) : "NULL"});
        }
        return GetEndpointCertificate(world, instance, der);
      });
  in.Send(outcome);
  in.SendTable({{{"EndpointCertificatePublicKey", {.type = SqlType::kVarBinary, .length = -1}}},
                {{Bytes{der}}}});
  return 0;
}

// Resource, mode, owner, timeout. Returns 0 granted, -1 timed out, -999 when called wrongly.
int Procedures::TakeLock(Interpreter& in, Arguments& a) {
  const std::string mode = ToLowerAscii(Text(a[1]));
  const std::string owner = ToLowerAscii(Text(a[2]));
  if (mode != "exclusive") FailNotModelled("sp_getapplock with a mode other than Exclusive");
  if (owner != "session" && in.session_.transaction_depth == 0) {
    Fail(15000, {"the lock owner Transaction needs a transaction"});
  }
  const auto timeout = Integer(a[3]).value_or(-1);
  const auto begin = std::chrono::steady_clock::now();
  while (!in.session_.locks().TryTake(Text(a[0]), in.session_.spid())) {
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (timeout >= 0 && waited >= std::chrono::milliseconds(timeout)) return -1;
    if (in.cancelled_.load()) return -2;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return 0;
}

int Procedures::ReleaseLock(Interpreter& in, Arguments& a) {
  if (!in.session_.locks().Release(Text(a[0]), in.session_.spid())) {
    Fail(1223, {Text(a[0])});
  }
  return 0;
}

int Procedures::SetContext(Interpreter& in, Arguments& a) {
  in.session_.context[ToLowerAscii(Text(a[0]))] = Text(a[1]);
  return 0;
}

const std::vector<Procedures::Entry>& Procedures::Table() {
  static const std::vector<Entry> kTable = {
      {"sp_certificate_add_issuer", {"@certid", "@dns_name"}, 2, Since::kLink, AddIssuer},
      {"sp_validate_certificate_ca_chain", {"@certid"}, 1, Since::kChainCheck, ValidateChain},
      {"sp_get_endpoint_certificate", {"@endpoint_type"}, 1, Since::kLink, EndpointCertificate},
      {"sp_getapplock",
       {"@resource", "@lockmode", "@lockowner", "@locktimeout", "@dbprincipal"},
       2,
       Since::kAlways,
       TakeLock},
      {"sp_releaseapplock",
       {"@resource", "@lockowner", "@dbprincipal"},
       1,
       Since::kAlways,
       ReleaseLock},
      {"sp_set_session_context", {"@key", "@value", "@read_only"}, 2, Since::kAlways, SetContext},
  };
  return kTable;
}

namespace {

// Exist on a real server, but not in this simulator.
bool ExistsUnmodelled(const std::string& name) {
  for (const auto* known :
       {"sp_update_job", "sp_stop_job", "sp_configure", "xp_readerrorlog", "sp_readerrorlog",
        "sp_help", "sp_who", "sp_dropserver", "sp_addserver", "xp_cmdshell"}) {
    if (name == known) return true;
  }
  return false;
}

// The parameter for which the argument at this place is given.
std::size_t PlaceOf(const Procedures::Entry& entry, const Arguments& given, std::size_t at) {
  if (given[at].name.empty()) return at;
  const auto found =
      std::find(entry.parameters.begin(), entry.parameters.end(), ToLowerAscii(given[at].name));
  if (found == entry.parameters.end()) Fail(8145, {given[at].name, entry.name});
  return static_cast<std::size_t>(found - entry.parameters.begin());
}

// Puts the arguments in the order of the parameters; those left out are NULL.
Arguments Bind(const Procedures::Entry& entry, const Arguments& given) {
  Arguments bound(entry.parameters.size());
  std::vector<bool> set(bound.size());
  if (given.size() > bound.size()) Fail(8144, {entry.name});
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::size_t place = PlaceOf(entry, given, i);
    bound[place] = given[i];
    set[place] = true;
  }
  for (std::size_t i = 0; i < entry.required; ++i) {
    if (!set[i]) Fail(201, {entry.name, entry.parameters[i]}, 4);
  }
  return bound;
}

// "@a int, @b nvarchar(10) OUTPUT" of sp_executesql.
Arguments ParseDefinitions(const std::string& text) {
  Arguments parameters;
  Cursor cursor(text, 0);
  while (!cursor.AtEnd()) {
    ProcedureArgument parameter{.name = cursor.ExpectVariable()};
    cursor.TakeWord("AS");
    parameter.type = cursor.ExpectType();
    parameter.output = cursor.TakeWord("OUTPUT") || cursor.TakeWord("OUT");
    parameters.push_back(std::move(parameter));
    if (!cursor.AtEnd()) cursor.ExpectSymbol(",");
  }
  return parameters;
}

void ExecuteSql(Interpreter& in, Arguments& arguments) {
  const auto unicode = [&](std::size_t i) {
    return arguments.size() > i && arguments[i].type.type == SqlType::kNVarChar;
  };
  if (arguments.empty()) Fail(201, {"sp_executesql", "@statement"}, 4);
  if (!unicode(0)) Fail(214, {"@statement", "ntext/nchar/nvarchar"}, 2);
  if (arguments.size() > 1 && !unicode(1)) Fail(214, {"@params", "ntext/nchar/nvarchar"}, 3);
  Arguments parameters;
  if (arguments.size() > 1) parameters = ParseDefinitions(Procedures::Text(arguments[1]));
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    std::size_t place = i - 2;
    if (!arguments[i].name.empty()) {
      const auto found = std::find_if(parameters.begin(), parameters.end(),
                                      [&](const ProcedureArgument& parameter) {
                                        return parameter.name == ToLowerAscii(arguments[i].name);
                                      });
      place = static_cast<std::size_t>(found - parameters.begin());
    }
    if (place >= parameters.size()) Fail(8144, {"sp_executesql"});
    parameters[place].value =
        ConvertValue(arguments[i].value, arguments[i].type, parameters[place].type);
  }
  for (std::size_t i = arguments.size() < 2 ? 0 : arguments.size() - 2; i < parameters.size();
       ++i) {
    Fail(8178, {parameters[i].name});
  }
  in.RunText(Procedures::Text(arguments[0]), parameters);
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    if (arguments[i].output) {
      arguments[i].value = parameters[i - 2].value;
      arguments[i].type = parameters[i - 2].type;
    }
  }
}

bool IsSystemSchema(const ObjectName& name) {
  for (const auto* schema : {"", "sys", "dbo"}) {
    if (EqualsIgnoreCaseAscii(name.schema, schema)) return true;
  }
  return false;
}

}  // namespace

int Interpreter::CallProcedure(const ObjectName& name, std::vector<ProcedureArgument>& arguments) {
  const std::string lower = ToLowerAscii(name.name);
  std::string shown = name.schema.empty() ? name.name : name.schema + "." + name.name;
  if (!name.database.empty()) shown.insert(0, name.database + ".");
  if (!IsSystemSchema(name)) Fail(2812, {shown}, 62);
  if (lower == "sp_executesql") {
    ExecuteSql(*this, arguments);
    return 0;
  }
  if (ExistsUnmodelled(lower)) FailNotModelled("procedure " + lower);
  const auto has = [&](Procedures::Since since) {
    return WithWorld([&](const WorldState&, const SqlServerInstance& i, const Environment&) {
      return since == Procedures::Since::kAlways ||
             (i.link_procedures && (since == Procedures::Since::kLink || i.ValidatesChains()));
    });
  };
  const std::string database = name.database.empty() ? session_.database() : name.database;
  const auto& table =
      EqualsIgnoreCaseAscii(database, "msdb") ? Procedures::AgentTable() : Procedures::Table();
  for (const Procedures::Entry& entry : table) {
    if (lower != entry.name || !has(entry.since)) continue;
    Arguments bound = Bind(entry, arguments);
    const int status = entry.run(*this, bound);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (!arguments[i].output) continue;
      const ProcedureArgument& from = bound[PlaceOf(entry, arguments, i)];
      arguments[i].value = from.value;
      arguments[i].type = from.type;
    }
    return status;
  }
  Fail(2812, {shown}, 62);
}

}  // namespace milink::sim::tsql
