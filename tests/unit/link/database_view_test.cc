#include "controllers/link/plan/database_view.h"

#include "tests/unit/link/scene.h"

namespace milink::link {
namespace {

using gen::Scene;

TEST(DatabaseView, FindsEverythingOfADatabaseWhateverItsCase) {
  Scene scene;
  scene.Established();
  auto names = gen::Names("sales");
  names.name = DatabaseName("SALES");
  names.distributed_availability_group = GroupName("dag_SALES");
  const Observation seen = scene.Observe();
  const DatabaseView view = LookAt(seen, names);
  ASSERT_NE(view.database, nullptr);
  ASSERT_NE(view.files, nullptr);
  ASSERT_NE(view.group, nullptr);
  ASSERT_NE(view.distributed, nullptr);
  ASSERT_NE(view.link, nullptr);
  EXPECT_EQ(view.local->server_name, "AG_sales");
  EXPECT_EQ(view.remote->server_name, "AG_sales_MI");
  EXPECT_EQ(view.remote_state->lag_seconds, 2);
  EXPECT_TRUE(view.Connected());
}

TEST(DatabaseView, WhatWasNotReadIsNull) {
  Scene scene;
  scene.Established();
  scene.sql_unreachable = true;
  scene.instance_unread = true;
  const Observation seen = scene.Observe();
  const DatabaseView view = LookAt(seen, gen::Names("sales"));
  EXPECT_EQ(view.database, nullptr);
  EXPECT_EQ(view.link, nullptr);
  EXPECT_TRUE(view.Established()) << "the journal knows";
  EXPECT_FALSE(view.Connected());
}

TEST(DatabaseView, StatesOfOtherGroupsAndOfTheLocalCopyAreNotTheRemoteOnes) {
  Scene scene;
  scene.Established();
  scene.world.sql.database_states.front().local = true;
  auto other = scene.world.sql.database_states.front();
  other.local = false;
  other.group_id = "id-of-AG_sales";
  scene.world.sql.database_states.push_back(other);
  const Observation seen = scene.Observe();
  EXPECT_EQ(LookAt(seen, gen::Names("sales")).remote_state, nullptr);
}

struct FoundPrimaryRow {
  const char* sql;       // role; null: no distributed group
  const char* instance;  // role; null: no link
  Primary primary;
};

TEST(DatabaseView, ThePrimaryIsWhatBothHalvesSay) {
  const std::vector<FoundPrimaryRow> rows = {
      {nullptr, nullptr, Primary::kNotLinked},
      {"PRIMARY", "Secondary", Primary::kSqlServer},
      {"SECONDARY", "Primary", Primary::kManagedInstance},
      {"PRIMARY", "Primary", Primary::kBoth},
      {"SECONDARY", "Secondary", Primary::kNone},
      {"PRIMARY", nullptr, Primary::kSqlServer},  // one half decides alone
      {"SECONDARY", nullptr, Primary::kManagedInstance},
      {nullptr, "Secondary", Primary::kSqlServer},
      {nullptr, "Primary", Primary::kManagedInstance},
      {"RESOLVING", "Secondary", Primary::kUnknown},
      {"", "Secondary", Primary::kUnknown},
      {"PRIMARY", "", Primary::kUnknown},
  };
  for (const FoundPrimaryRow& row : rows) {
    const auto shown = [](const char* role) { return role == nullptr ? "nothing" : role; };
    SCOPED_TRACE(std::string(shown(row.sql)) + " and " + shown(row.instance));
    sql::AvailabilityGroup group;
    sql::AvailabilityReplica local;
    azure::Link link;
    DatabaseView view;
    view.sees_link = true;
    if (row.sql != nullptr) {
      local.role = row.sql;
      view.distributed = &group;
      view.local = &local;
    }
    if (row.instance != nullptr) {
      link.instance_role = row.instance;
      view.link = &link;
    }
    EXPECT_EQ(PrimaryOf(view), row.primary);
    view.sees_link = false;
    view.link = nullptr;
    EXPECT_EQ(PrimaryOf(view), Primary::kUnknown) << "a half that is hidden decides nothing";
  }
}

DatabaseSpec Found(const Scene& scene) {
  const Observation seen = scene.Observe();
  return FindNames(Draft(seen), DatabaseName("sales"));
}

TEST(DatabaseView, NamesOfADatabaseThatLeftAreFoundOnSqlServer) {
  Scene scene;
  scene.Established();
  EXPECT_EQ(Found(scene), gen::Names("sales"));
  scene.distributed().replicas.at(1).endpoint_url = "tcp://elsewhere:5022;Server=[x]";
  scene.world.instance.links.clear();
  EXPECT_EQ(Found(scene).availability_group, GroupName("AG_sales"));
  EXPECT_TRUE(Found(scene).distributed_availability_group.empty())
      << "a link with another instance";
}

TEST(DatabaseView, NamesOfADatabaseThatLeftAreFoundInAzureWhereSqlServerHasNone) {
  Scene scene;
  scene.Established();
  scene.world.sql.groups.clear();
  EXPECT_EQ(Found(scene), gen::Names("sales"));
  scene.link().partner_endpoint = "tcp://10.9.9.9:5022";
  EXPECT_TRUE(Found(scene).distributed_availability_group.empty()) << "of another SQL Server";
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += text + ";";
  return all;
}

template <typename Object>
struct DifferenceRow {
  const char* name;
  std::function<void(Object&)> change;
  std::string difference;
};

TEST(DatabaseView, AGroupFitsOrItsDifferencesAreNamed) {
  using Group = sql::AvailabilityGroup;
  const std::vector<DifferenceRow<Group>> rows = {
      {"as we make it", [](Group&) {}, ""},
      {"distributed", [](Group& g) { g.distributed = true; },
       "it is a distributed availability group;"},
      {"several replicas", [](Group& g) { g.replicas.resize(2); },
       "it has 2 replicas, and one is supported;"},
      {"a role that is not known", [](Group& g) { g.replicas[0].role.clear(); },
       "its local role is unknown;"},
      {"another database instead", [](Group& g) { g.databases = {DatabaseName("hr")}; },
       "it does not hold database sales;it also holds database hr;"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Group group = gen::Group("AG_sales", "sales");
    row.change(group);
    EXPECT_EQ(Joined(GroupDifferences(group, gen::Names("sales"))), row.difference);
  }
}

TEST(DatabaseView, ADistributedGroupFitsOrItsDifferencesAreNamed) {
  using Group = sql::AvailabilityGroup;
  const std::vector<DifferenceRow<Group>> rows = {
      {"as we make it", [](Group&) {}, ""},
      {"one member", [](Group& g) { g.replicas.resize(1); },
       "it has 1 members instead of 2;it has no member AG_sales_MI;"},
      {"another address of ours",
       [](Group& g) { g.replicas[0].endpoint_url = "tcp://10.0.0.5:5022"; },
       "its member AG_sales has the address tcp://10.0.0.5:5022 instead of TCP://10.0.0.4:5022;"},
  };
  Scene scene;
  const Observation seen = scene.Observe();
  const Draft draft(seen);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Group group = gen::DistributedGroup("DAG_sales", "AG_sales", "AG_sales_MI");
    row.change(group);
    EXPECT_EQ(Joined(DistributedDifferences(draft, group, gen::Names("sales"))), row.difference);
  }
}

TEST(DatabaseView, ALinkFitsOrItsDifferencesAreNamed) {
  using azure::Link;
  const std::vector<DifferenceRow<Link>> rows = {
      {"as we make it", [](Link&) {}, ""},
      {"young, with nothing told yet",
       [](Link& l) {
         l.partner_endpoint.clear();
         l.databases.clear();
       },
       ""},
      {"another group on the instance", [](Link& l) { l.instance_group = GroupName("AG_x"); },
       "its availability group on the instance is AG_x instead of AG_sales_MI;"},
      {"another SQL Server", [](Link& l) { l.partner_endpoint = "tcp://10.0.0.5:5022"; },
       "its SQL Server address is tcp://10.0.0.5:5022 instead of TCP://10.0.0.4:5022;"},
      {"another database", [](Link& l) { l.databases.front().name = "hr"; },
       "it links database hr;"},
  };
  Scene scene;
  const Observation seen = scene.Observe();
  const Draft draft(seen);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Link link = gen::AzureLink("sales");
    row.change(link);
    EXPECT_EQ(Joined(LinkDifferences(draft, link, gen::Names("sales"))), row.difference);
  }
}

}  // namespace
}  // namespace milink::link
