// What a link may see of its replica's SQL Server. Pure.
#pragma once

#include <memory>
#include <optional>

#include "controllers/link/directory.h"
#include "core/base/error.h"
#include "core/sql/snapshot.h"

namespace milink::link {

struct SqlSight {
  std::shared_ptr<const sql::InstanceSnapshot> sql;  // null: not read, or not to be believed
  std::optional<Error> error;                        // why it is not to be believed
};

// The snapshot, while it shows the very instance that the replica stands for (status.identity).
// What another one behind the address lacks is not gone, and the roles that it shows are not ours.
// Both may be null.
SqlSight LookAtSql(std::shared_ptr<const sql::InstanceSnapshot> newest,
                   const ReplicaPointer& replica);

}  // namespace milink::link
