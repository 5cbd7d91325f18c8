// sys.dm_hadr_fabric_*: where a managed instance runs now. They exist there alone.
#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/tsql/failure.h"

namespace milink::sim::tsql {
namespace {

const ManagedInstance& Managed(const Environment& env, const char* view) {
  for (const auto& managed : env.world->managed_instances) {
    if (managed->sql.get() == env.instance) return *managed;
  }
  Fail(208, {std::string("sys.") + view});
}

struct Parameter {
  std::string section;
  std::string name;
  std::string value;
};

View ParametersView() {
  return MakeView<Parameter>(
      {"sys", "dm_hadr_fabric_config_parameters", Access::kServerState},
      [](const Environment& env) {
        const ManagedInstance& managed = Managed(env, "dm_hadr_fabric_config_parameters");
        return std::vector<Parameter>{{"SQL", "InstanceName", "app1"},
                                      {"SQL", "DnsRecordName", managed.Fqdn()},
                                      {"SQL", "HadrPort", std::to_string(managed.hadr_port)},
                                      {"SQL", "ClusterName", managed.cluster}};
      },
      Columns<Parameter>()
          .Name("section_name", &Parameter::section)
          .Name("parameter_name", &Parameter::name)
          .Text("value", 4000, &Parameter::value));
}

struct Part {
  std::string id;
  std::string service;
};

View PartitionsView() {
  return MakeView<Part>(
      {"sys", "dm_hadr_fabric_partitions", Access::kServerState},
      [](const Environment& env) {
        static_cast<void>(Managed(env, "dm_hadr_fabric_partitions"));
        return std::vector<Part>{{"p1", "fabric:/Worker.CL/ManagedServer/other"},
                                 {"p2", "fabric:/Worker.CL/ManagedServer/app1"}};
      },
      Columns<Part>().Name("partition_id", &Part::id).Text("service_name", 512, &Part::service));
}

struct Replica {
  std::string partition;
  std::string node;
  int role = 2;
  std::string address;
};

View ReplicasView() {
  return MakeView<Replica>(
      {"sys", "dm_hadr_fabric_replicas", Access::kServerState},
      [](const Environment& env) {
        const ManagedInstance& managed = Managed(env, "dm_hadr_fabric_replicas");
        return std::vector<Replica>{{"p1", "_n9", 2, "DB9\\app9"},
                                    {"p2", "_n1", 2, managed.node + "\\app1"},
                                    {"p2", "_n2", 4, "DB7\\app1"}};
      },
      Columns<Replica>()
          .Name("partition_id", &Replica::partition)
          .Name("node_name", &Replica::node)
          .Int("replica_role", &Replica::role)
          .Text("replica_address", 512, &Replica::address));
}

View NodesView() {
  return MakeView<std::string>(
      {"sys", "dm_hadr_fabric_nodes", Access::kServerState},
      [](const Environment& env) {
        static_cast<void>(Managed(env, "dm_hadr_fabric_nodes"));
        return std::vector<std::string>{"_n1", "_n2", "_n9"};
      },
      Columns<std::string>().Name("node_name", [](const std::string& name) { return name; }));
}

}  // namespace

std::vector<View> FabricViews() {
  return {ParametersView(), PartitionsView(), ReplicasView(), NodesView()};
}

}  // namespace milink::sim::tsql
