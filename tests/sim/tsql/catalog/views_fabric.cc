// sys.dm_hadr_fabric_*: where a managed instance runs now. They exist there alone.
#include "tests/sim/tsql/catalog/view_builder.h"
#include "tests/sim/tsql/failure.h"

namespace milink::sim::tsql {
namespace {

const ManagedInstance& ManagedHere(const Environment& env, const char* view) {
  for (const auto& managed : env.world->managed_instances) {
    if (managed->sql.get() == env.instance) return *managed;
  }
  Fail(208, {std::string("sys.") + view});
}

struct FabricParameter {
  std::string section;
  std::string name;
  std::string value;
};

View FabricParametersView() {
  return MakeView<FabricParameter>(
      {"sys", "dm_hadr_fabric_config_parameters", Access::kServerState},
      [](const Environment& env) {
        const ManagedInstance& managed = ManagedHere(env, "dm_hadr_fabric_config_parameters");
        return std::vector<FabricParameter>{{"SQL", "InstanceName", "app1"},
                                            {"SQL", "DnsRecordName", managed.Fqdn()},
                                            {"SQL", "HadrPort", std::to_string(managed.hadr_port)},
                                            {"SQL", "ClusterName", managed.cluster}};
      },
      Columns<FabricParameter>()
          .Name("section_name", &FabricParameter::section)
          .Name("parameter_name", &FabricParameter::name)
          .Text("value", 4000, &FabricParameter::value));
}

struct FabricPartition {
  std::string id;
  std::string service;
};

View FabricPartitionsView() {
  return MakeView<FabricPartition>(
      {"sys", "dm_hadr_fabric_partitions", Access::kServerState},
      [](const Environment& env) {
        static_cast<void>(ManagedHere(env, "dm_hadr_fabric_partitions"));
        return std::vector<FabricPartition>{{"p1", "fabric:/Worker.CL/ManagedServer/other"},
                                            {"p2", "fabric:/Worker.CL/ManagedServer/app1"}};
      },
      Columns<FabricPartition>()
          .Name("partition_id", &FabricPartition::id)
          .Text("service_name", 512, &FabricPartition::service));
}

struct FabricReplica {
  std::string partition;
  std::string node;
  int role = 2;
  std::string address;
};

View FabricReplicasView() {
  return MakeView<FabricReplica>(
      {"sys", "dm_hadr_fabric_replicas", Access::kServerState},
      [](const Environment& env) {
        const ManagedInstance& managed = ManagedHere(env, "dm_hadr_fabric_replicas");
        return std::vector<FabricReplica>{{"p1", "_n9", 2, "DB9\\app9"},
                                          {"p2", "_n1", 2, managed.node + "\\app1"},
                                          {"p2", "_n2", 4, "DB7\\app1"}};
      },
      Columns<FabricReplica>()
          .Name("partition_id", &FabricReplica::partition)
          .Name("node_name", &FabricReplica::node)
          .Int("replica_role", &FabricReplica::role)
          .Text("replica_address", 512, &FabricReplica::address));
}

View FabricNodesView() {
  return MakeView<std::string>(
      {"sys", "dm_hadr_fabric_nodes", Access::kServerState},
      [](const Environment& env) {
        static_cast<void>(ManagedHere(env, "dm_hadr_fabric_nodes"));
        return std::vector<std::string>{"_n1", "_n2", "_n9"};
      },
      Columns<std::string>().Name("node_name", [](const std::string& name) { return name; }));
}

}  // namespace

std::vector<View> FabricViews() {
  return {FabricParametersView(), FabricPartitionsView(), FabricReplicasView(), FabricNodesView()};
}

}  // namespace milink::sim::tsql
