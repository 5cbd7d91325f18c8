// Everything seen about one database of a link, looked up once.
//
// Pointers into the observation; valid as long as it is.
#pragma once

#include <string>
#include <vector>

#include "controllers/link/plan/draft.h"

namespace milink::link {

// Where the database is writable, as far as both sides tell.
enum class Primary { kNotLinked, kUnknown, kSqlServer, kManagedInstance, kBoth, kNone };

std::string ToString(Primary primary);  // as in status: "SqlServer", .., "Unknown"

struct DatabaseView {
  DatabaseSpec names;
  const sql::Database* database = nullptr;                  // null: not on SQL Server
  const sql::DatabaseFiles* files = nullptr;                // null: not read yet
  const sql::DatabaseEncryption* encryption = nullptr;      // null: has no key, or not read yet
  const sql::AvailabilityGroup* group = nullptr;            // of the wanted name, fitting or not
  const sql::AvailabilityGroup* distributed = nullptr;      // of the wanted name, fitting or not
  const sql::AvailabilityReplica* local = nullptr;          // SQL Server's member of `distributed`
  const sql::AvailabilityReplica* remote = nullptr;         // the instance's member of it
  const sql::DatabaseReplicaState* remote_state = nullptr;  // of the database on the instance
  const sql::Seeding* seeding = nullptr;                    // into `distributed`
  bool sees_link = false;                                   // else `link` says nothing
  const azure::Link* link = nullptr;                        // of the wanted name, fitting or not
  const DatabaseRecord* record = nullptr;                   // null: first seen now

  // The distributed group's group and link were once replicating: never recreated silently.
  bool Established() const { return record != nullptr && record->established; }
  bool Connected() const { return remote != nullptr && remote->connected_state == "CONNECTED"; }
  bool Linked() const { return distributed != nullptr && link != nullptr; }
  bool Replicating() const;
};

DatabaseView LookAt(const Observation& seen, const DatabaseSpec& names);
Primary PrimaryOf(const DatabaseView& view);

// The names under which a database that left the spec is linked, found from what is there. Empty
// names: no such object.
DatabaseSpec FindNames(const Draft& draft, const DatabaseName& database);

// What keeps an existing object from being the wanted one, in words; empty: it fits.
std::vector<std::string> GroupDifferences(const sql::AvailabilityGroup& group,
                                          const DatabaseSpec& names);
std::vector<std::string> DistributedDifferences(const Draft& draft,
                                                const sql::AvailabilityGroup& group,
                                                const DatabaseSpec& names);
std::vector<std::string> LinkDifferences(const Draft& draft, const azure::Link& link,
                                         const DatabaseSpec& names);

bool SameName(const std::string& a, const std::string& b);  // without regard to ASCII case
bool SameInstance(const api::ManagedInstanceLinkSpec& a, const api::ManagedInstanceLinkSpec& b);

}  // namespace milink::link
