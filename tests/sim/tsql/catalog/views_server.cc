// sys.dm_os_host_info, sys.dm_exec_connections, .._sessions, .._requests, sys.dm_server_services,
// sys.dm_hadr_cluster, sys.servers. Of the connections only the one that asks is shown.
#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/tsql/run/session.h"

namespace milink::sim::tsql {
namespace {

using Me = const Session*;

std::vector<Me> OnlyMe(const Environment& env) { return {env.session}; }

struct Host {
  std::string platform;
  std::string distribution;
};

View HostInfoView() {
  return MakeView<Host>(
      {"sys", "dm_os_host_info", Access::kPublic, kSqlServer2017},
      [](const Environment& e) {
        return std::vector<Host>{{e.instance->platform, e.instance->distribution}};
      },
      Columns<Host>()
          .Text("host_platform", 256, &Host::platform)
          .Text("host_distribution", 256, &Host::distribution)
          .Fixed("host_release", TextType(256), std::string("22.04"))
          .Fixed("host_service_pack_level", TextType(256), std::string())
          .Null("host_sku", kIntType)
          .Fixed("os_language_version", kIntType, std::int64_t{0}));
}

View ConnectionsView() {
  return MakeView<Me>(
      {"sys", "dm_exec_connections"}, OnlyMe,
      Columns<Me>()
          .Int("session_id", [](Me s) { return s->spid(); })
          .Time("connect_time", [](Me s) { return s->connect_time; })
          .Fixed("net_transport", TextType(40), std::string("TCP"))
          .Fixed("protocol_type", TextType(40), std::string("TSQL"))
          .Text("encrypt_option", 40, [](Me s) { return s->encrypted ? "TRUE" : "FALSE"; })
          .Fixed("auth_scheme", TextType(40), std::string("SQL"))
          .Null("client_net_address", TextType(48))
          .Null("local_net_address", TextType(48))
          .Null("local_tcp_port", kIntType));
}

View SessionsView() {
  return MakeView<Me>(
      {"sys", "dm_exec_sessions"}, OnlyMe,
      Columns<Me>()
          .Add("session_id", kSmallIntType, [](Me s) { return s->spid(); })
          .Time("login_time", [](Me s) { return s->connect_time; })
          .TextOrNull("host_name", 128, [](Me s) { return s->host; })
          .TextOrNull("program_name", 128, [](Me s) { return s->application; })
          .Name("login_name", [](Me s) { return s->login; })
          .Fixed("status", TextType(30), std::string("running"))
          .FixedBit("is_user_process", true)
          .Int("open_transaction_count", [](Me s) { return s->transaction_depth; }));
}

struct Request {
  int session_id = 0;
  std::string command;
};

// The asking session itself and, while a database is copied away, the thread that reads it.
std::vector<Request> Requests(const Environment& env) {
  std::vector<Request> rows{{env.session->spid(), "SELECT"}};
  for (const Seeding& seeding : env.instance->seedings) {
    if (seeding.source && seeding.state == "SEEDING") rows.push_back({30, "VDI_CLIENT_WORKER"});
  }
  return rows;
}

View RequestsView() {
  return MakeView<Request>({"sys", "dm_exec_requests"}, Requests,
                           Columns<Request>()
                               .Add("session_id", kSmallIntType, &Request::session_id)
                               .Fixed("request_id", kIntType, std::int64_t{0})
                               .Fixed("status", TextType(30), std::string("running"))
                               .Text("command", 32, &Request::command)
                               .Fixed("percent_complete", kRealType, 0.0));
}

// A row only on a node whose cluster has quorum.
View ClusterView() {
  return MakeView<std::string>(
      {"sys", "dm_hadr_cluster", Access::kServerState},
      [](const Environment& e) {
        return e.instance->wsfc ? std::vector<std::string>{"cluster1"} : std::vector<std::string>{};
      },
      Columns<std::string>()
          .Name("cluster_name", [](const std::string& name) { return name; })
          .Fixed("quorum_type", kTinyIntType, std::int64_t{0})
          .Fixed("quorum_type_desc", TextType(50), std::string("NODE_MAJORITY"))
          .Fixed("quorum_state", kTinyIntType, std::int64_t{1})
          .Fixed("quorum_state_desc", TextType(50), std::string("NORMAL_QUORUM")));
}

struct Service {
  std::string name;
  int status = 4;
  std::string status_desc;
};

View ServicesView() {
  return MakeView<Service>(
      {"sys", "dm_server_services", Access::kServerState},
      [](const Environment& e) {
        const std::string instance =
            e.instance->instance_name.empty() ? "MSSQLSERVER" : e.instance->instance_name;
        return std::vector<Service>{
            {"SQL Server (" + instance + ")", 4, "Running"},
            {"SQL Server Agent (" + instance + ")", e.instance->agent.running ? 4 : 1,
             e.instance->agent.running ? "Running" : "Stopped"}};
      },
      Columns<Service>()
          .Text("servicename", 256, &Service::name)
          .Fixed("startup_type", kIntType, std::int64_t{2})
          .Fixed("startup_type_desc", TextType(256), std::string("Automatic"))
          .Int("status", &Service::status)
          .Text("status_desc", 256, &Service::status_desc)
          .Null("process_id", kIntType)
          .Null("last_startup_time", kDateTimeType)
          .Null("service_account", TextType(256)));
}

View ServersView() {
  return MakeView<std::string>(
      {"sys", "servers"},
      [](const Environment& e) { return std::vector<std::string>{e.instance->server_name}; },
      Columns<std::string>()
          .Fixed("server_id", kIntType, std::int64_t{0})
          .Name("name", [](const std::string& name) { return name; })
          .Fixed("product", kNameType, std::string("SQL Server")));
}

}  // namespace

std::vector<View> ServerViews() {
  return {HostInfoView(), ConnectionsView(), SessionsView(), RequestsView(),
          ClusterView(),  ServicesView(),    ServersView()};
}

}  // namespace milink::sim::tsql
