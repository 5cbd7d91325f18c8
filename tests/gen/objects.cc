#include "tests/gen/objects.h"

#include "core/api/group_names.h"

namespace milink::gen {
namespace {

ObjectMeta Meta(const std::string& name) {
  ObjectMeta meta;
  meta.key = {.namespace_name = "default", .name = name};
  meta.uid = "uid-of-" + name;
  meta.resource_version = "1";
  meta.generation = 1;
  meta.creation_time = TimePoint(std::chrono::seconds(1'795'255'200));  // 2026-11-21T10:00:00Z
  return meta;
}

}  // namespace

api::SqlServerReplica PlainReplica(const std::string& name) {
  api::SqlServerReplica replica;
  replica.meta = Meta(name);
  replica.spec.host = name + ".corp.example";
  replica.spec.credentials_secret = name + "-login";
  replica.spec.endpoint.address = "10.0.0.4";
  replica.spec.master_key_password =
      api::KeyReference{.kind = "Secret", .name = name + "-dmk", .key = "password"};
  return replica;
}

api::ManagedInstanceLink PlainLink(const std::string& name) {
  api::ManagedInstanceLink link;
  link.meta = Meta(name);
  link.spec.replica = "sql1";
  link.spec.managed_instance = {.subscription_id = "00000000-0000-0000-0000-000000000001",
                                .resource_group = "rg-sql",
                                .name = "sqlmi1"};
  link.spec.databases = {Database("sales")};
  return link;
}

api::ManagedInstanceLinkSpec::Database Database(const std::string& name) {
  const DatabaseName database(name);
  return {.name = database,
          .availability_group = api::DefaultAvailabilityGroup(database),
          .instance_availability_group = api::DefaultInstanceAvailabilityGroup(database),
          .distributed_availability_group = api::DefaultDistributedAvailabilityGroup(database)};
}

}  // namespace milink::gen
