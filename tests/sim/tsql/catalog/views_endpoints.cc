// sys.endpoints, sys.tcp_endpoints, sys.database_mirroring_endpoints.
#include "tests/sim/tsql/catalog/view_builder.h"

namespace milink::sim::tsql {
namespace {

struct EndpointRow {
  std::string name;
  int id = 0;
  int type = 2;  // TSQL
  EndpointState state = EndpointState::kStarted;
  bool admin = false;
  int port = 0;
  std::string ip_address;
  const MirroringEndpoint* mirroring = nullptr;
};

std::vector<EndpointRow> Mirroring(const Environment& env) {
  const auto& endpoint = env.instance->endpoint;
  if (!endpoint) return {};
  return {{endpoint->name, endpoint->endpoint_id, 4, endpoint->state, false, endpoint->port,
           endpoint->ip_address, &*endpoint}};
}

// With the system endpoints, which have port 0.
std::vector<EndpointRow> All(const Environment& env) {
  std::vector<EndpointRow> rows = {{.name = "Dedicated Admin Connection", .id = 1, .admin = true},
                                   {.name = "TSQL Default TCP", .id = 4}};
  for (EndpointRow& row : Mirroring(env)) rows.push_back(std::move(row));
  return rows;
}

// The columns that all three views begin with.
Columns<EndpointRow> CommonColumns() {
  using R = EndpointRow;
  Columns<R> columns;
  columns.Name("name", &R::name)
      .Int("endpoint_id", &R::id)
      .Fixed("principal_id", kIntType, std::int64_t{1})
      .Fixed("protocol", kTinyIntType, std::int64_t{2})
      .Fixed("protocol_desc", kDescType, std::string("TCP"))
      .Add("type", kTinyIntType, &R::type)
      .Add("type_desc", kDescType,
           [](const R& r) { return r.type == 4 ? "DATABASE_MIRRORING" : "TSQL"; })
      .Enum("state", &R::state)
      .Bit("is_admin_endpoint", &R::admin);
  return columns;
}

View TcpView() {
  using R = EndpointRow;
  Columns<R> columns = CommonColumns();
  columns.Int("port", &R::port)
      .FixedBit("is_dynamic_port", false)
      .TextOrNull("ip_address", 45, &R::ip_address);
  return MakeView<R>({"sys", "tcp_endpoints", Access::kDefinition}, All, columns);
}

View MirroringView() {
  using R = EndpointRow;
  const auto of = [](auto member) {
    return [member](const R& r) { return std::invoke(member, *r.mirroring); };
  };
  Columns<R> columns = CommonColumns();
  columns.Enum("role", of(&MirroringEndpoint::role))
      .Bit("is_encryption_enabled",
           [](const R& r) { return r.mirroring->encryption != EncryptionAlgorithm::kNone; })
      .Enum("connection_auth", of(&MirroringEndpoint::auth))
      .Int("certificate_id", of(&MirroringEndpoint::certificate_id))
      .Enum("encryption_algorithm", of(&MirroringEndpoint::encryption));
  return MakeView<R>({"sys", "database_mirroring_endpoints", Access::kDefinition}, Mirroring,
                     columns);
}

}  // namespace

std::vector<View> EndpointViews() {
  return {MakeView<EndpointRow>({"sys", "endpoints", Access::kDefinition}, All, CommonColumns()),
          TcpView(), MirroringView()};
}

}  // namespace milink::sim::tsql
