// CREATE, ALTER and DROP AVAILABILITY GROUP, ordinary and distributed.
#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

constexpr int kSqlServer2017 = 14;
constexpr int kSqlServer2022 = 16;

std::string ParseClusterType(Cursor& cursor) {
  // The clause came with SQL Server 2017.
  if (cursor.major_version() < kSqlServer2017) cursor.FailSyntax();
  cursor.Take();
  cursor.ExpectSymbol("=");
  return cursor.ExpectOneOf({"NONE", "EXTERNAL", "WSFC"});
}

void ParseRole(Cursor& cursor, GroupMember& member, bool primary) {
  cursor.ExpectSymbol("(");
  cursor.ExpectWord("ALLOW_CONNECTIONS");
  cursor.ExpectSymbol("=");
  if (primary) {
    member.primary_connections = cursor.ExpectOneOf({"ALL", "READ_WRITE"});
  } else {
    member.secondary_connections = cursor.ExpectOneOf({"ALL", "READ_ONLY", "NO"});
  }
  cursor.ExpectSymbol(")");
}

void ParseMemberOption(Cursor& cursor, GroupMember& member, bool distributed) {
  if (cursor.TakeWord("SECONDARY_ROLE")) return ParseRole(cursor, member, false);
  if (cursor.TakeWord("PRIMARY_ROLE")) return ParseRole(cursor, member, true);
  if (cursor.TakeWord(distributed ? "LISTENER_URL" : "ENDPOINT_URL")) {
    cursor.ExpectSymbol("=");
    member.url = cursor.ExpectString();
    return;
  }
  const std::string option = cursor.ExpectOneOf(
      {"AVAILABILITY_MODE", "FAILOVER_MODE", "SEEDING_MODE", "SESSION_TIMEOUT", "BACKUP_PRIORITY"});
  cursor.ExpectSymbol("=");
  if (option == "AVAILABILITY_MODE") {
    member.availability_mode =
        cursor.ExpectOneOf({"SYNCHRONOUS_COMMIT", "ASYNCHRONOUS_COMMIT", "CONFIGURATION_ONLY"});
  } else if (option == "FAILOVER_MODE") {
    member.failover_mode = cursor.ExpectOneOf({"AUTOMATIC", "MANUAL", "EXTERNAL"});
  } else if (option == "SEEDING_MODE") {
    member.seeding_mode = cursor.ExpectOneOf({"AUTOMATIC", "MANUAL"});
  } else if (option == "SESSION_TIMEOUT") {
    member.session_timeout = cursor.ExpectInteger();
  } else {
    member.backup_priority = cursor.ExpectInteger();
  }
}

// N'name' WITH (option, ..) [, ..]
std::vector<GroupMember> ParseMembers(Cursor& cursor, bool distributed) {
  std::vector<GroupMember> members;
  do {
    GroupMember member{.name = cursor.ExpectString()};
    cursor.ExpectWord("WITH");
    cursor.ExpectSymbol("(");
    do {
      ParseMemberOption(cursor, member, distributed);
    } while (cursor.TakeSymbol(","));
    cursor.ExpectSymbol(")");
    members.push_back(std::move(member));
  } while (cursor.TakeSymbol(","));
  return members;
}

std::vector<std::string> ParseNames(Cursor& cursor) {
  std::vector<std::string> names;
  do {
    names.push_back(cursor.ExpectName());
  } while (cursor.TakeSymbol(","));
  return names;
}

void ParseGroupOption(Cursor& cursor, CreateGroup& group) {
  if (cursor.IsWord("CLUSTER_TYPE")) {
    group.cluster_type = ParseClusterType(cursor);
  } else if (cursor.TakeWord("DISTRIBUTED")) {
    group.distributed = true;
  } else if (cursor.TakeWord("BASIC")) {
    group.basic = true;
  } else if (cursor.IsWord("CONTAINED") && cursor.major_version() >= kSqlServer2022) {
    cursor.Take();
    group.contained = true;
  } else {
    const std::string option =
        cursor.ExpectOneOf({"AUTOMATED_BACKUP_PREFERENCE", "DB_FAILOVER", "DTC_SUPPORT",
                            "REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT",
                            "FAILURE_CONDITION_LEVEL", "HEALTH_CHECK_TIMEOUT"});
    cursor.ExpectSymbol("=");
    if (option == "AUTOMATED_BACKUP_PREFERENCE") {
      group.backup_preference =
          cursor.ExpectOneOf({"PRIMARY", "SECONDARY_ONLY", "SECONDARY", "NONE"});
    } else if (option == "DB_FAILOVER") {
      group.db_failover = cursor.ExpectOneOf({"ON", "OFF"}) == "ON";
    } else if (option == "DTC_SUPPORT") {
      group.dtc_support = cursor.ExpectOneOf({"PER_DB", "NONE"}) == "PER_DB";
    } else if (option == "REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT") {
      group.required_synchronized_secondaries = cursor.ExpectInteger();
    } else {
      cursor.ExpectInteger();
    }
  }
}

CreateGroup ParseCreateGroup(Cursor& cursor) {
  CreateGroup group{.name = cursor.ExpectName()};
  if (cursor.TakeWord("WITH")) {
    cursor.ExpectSymbol("(");
    int options = 0;
    do {
      ParseGroupOption(cursor, group);
      ++options;
    } while (cursor.TakeSymbol(","));
    cursor.ExpectSymbol(")");
    if (group.distributed && options > 1) Fail(19497, {"DISTRIBUTED"});
  }
  if (cursor.TakeWords({"AVAILABILITY", "GROUP", "ON"})) {
    group.members = ParseMembers(cursor, true);
    if (!group.distributed) Fail(19498);
    return group;
  }
  if (group.distributed) cursor.FailSyntax();
  cursor.ExpectWord("FOR");
  if (cursor.TakeWord("DATABASE")) group.databases = ParseNames(cursor);
  cursor.ExpectWords({"REPLICA", "ON"});
  group.members = ParseMembers(cursor, false);
  return group;
}

void ParseSet(Cursor& cursor, AlterGroup& group) {
  cursor.ExpectSymbol("(");
  const std::string option =
      cursor.ExpectOneOf({"ROLE", "REQUIRED_SYNCHRONIZED_SECONDARIES_TO_COMMIT"});
  cursor.ExpectSymbol("=");
  if (option == "ROLE") {
    cursor.ExpectWord("SECONDARY");
    group.action = GroupAction::kSetRoleSecondary;
  } else {
    group.action = GroupAction::kSetRequiredSynchronized;
    group.number = cursor.ExpectInteger();
  }
  cursor.ExpectSymbol(")");
}

void ParseAddOrRemove(Cursor& cursor, AlterGroup& group, bool add) {
  if (cursor.TakeWord("DATABASE")) {
    group.action = add ? GroupAction::kAddDatabase : GroupAction::kRemoveDatabase;
    group.databases = ParseNames(cursor);
    return;
  }
  cursor.ExpectWords({"REPLICA", "ON"});
  if (add) {
    group.action = GroupAction::kAddReplica;
    group.members = ParseMembers(cursor, false);
  } else {
    group.action = GroupAction::kRemoveReplica;
    do {
      group.members.push_back({.name = cursor.ExpectString()});
    } while (cursor.TakeSymbol(","));
  }
}

AlterGroup ParseAlterGroup(Cursor& cursor) {
  AlterGroup group{.name = cursor.ExpectName()};
  if (cursor.TakeWords({"JOIN", "AVAILABILITY", "GROUP", "ON"})) {
    group.action = GroupAction::kJoinDistributed;
    group.members = ParseMembers(cursor, true);
  } else if (cursor.TakeWords({"MODIFY", "AVAILABILITY", "GROUP", "ON"})) {
    group.action = GroupAction::kModifyDistributed;
    group.members = ParseMembers(cursor, true);
  } else if (cursor.TakeWords({"MODIFY", "REPLICA", "ON"})) {
    group.action = GroupAction::kModifyReplica;
    group.members = ParseMembers(cursor, false);
  } else if (cursor.TakeWord("ADD")) {
    ParseAddOrRemove(cursor, group, true);
  } else if (cursor.TakeWord("REMOVE")) {
    ParseAddOrRemove(cursor, group, false);
  } else if (cursor.TakeWord("JOIN")) {
    group.action = GroupAction::kJoin;
    if (cursor.TakeWord("WITH")) {
      cursor.ExpectSymbol("(");
      if (!cursor.IsWord("CLUSTER_TYPE")) cursor.FailSyntax();
      group.cluster_type = ParseClusterType(cursor);
      cursor.ExpectSymbol(")");
    }
  } else if (cursor.TakeWords({"GRANT", "CREATE", "ANY", "DATABASE"})) {
    group.action = GroupAction::kGrantCreate;
  } else if (cursor.TakeWords({"DENY", "CREATE", "ANY", "DATABASE"})) {
    group.action = GroupAction::kDenyCreate;
  } else if (cursor.TakeWord("FORCE_FAILOVER_ALLOW_DATA_LOSS")) {
    group.action = GroupAction::kForceFailover;
  } else if (cursor.TakeWord("FAILOVER")) {
    group.action = GroupAction::kFailover;
  } else if (cursor.TakeWord("OFFLINE")) {
    group.action = GroupAction::kOffline;
  } else {
    cursor.ExpectWord("SET");
    ParseSet(cursor, group);
  }
  return group;
}

}  // namespace

bool ParseGroupStatement(Cursor& cursor, Statement& statement) {
  if (cursor.TakeWords({"CREATE", "AVAILABILITY", "GROUP"})) {
    statement.node = ParseCreateGroup(cursor);
  } else if (cursor.TakeWords({"ALTER", "AVAILABILITY", "GROUP"})) {
    statement.node = ParseAlterGroup(cursor);
  } else if (cursor.TakeWords({"DROP", "AVAILABILITY", "GROUP"})) {
    statement.node = DropGroup{cursor.ExpectName()};
  } else {
    return false;
  }
  return true;
}

}  // namespace milink::sim::tsql
