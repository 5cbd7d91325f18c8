// The queries that observe an instance, and the readers that make a snapshot of their replies.
// Pure.
//
// Everything fast is one batch, hence one round trip; msdb and the files are a second one, sent
// rarely. Result sets and values are found by column name, never by position: sets may be missing
// (DBCC without rows) and column order differs by version. Facts: CATALOG 1-5, LINK-LIFECYCLE 12.
#pragma once

#include "core/base/result.h"
#include "core/sql/session.h"
#include "core/sql/snapshot.h"

namespace milink::sql {

// Which columns and views a server has.
struct CatalogDialect {
  // False for what carries no link at all (SQL Server 2014 and older, a managed instance): only its
  // properties are read, which is enough to refuse it.
  bool groups = true;
  bool host_info = true;         // sys.dm_os_host_info, 2017; 2016 runs on Windows only
  bool cluster_type = true;      // 2017
  bool contained = true;         // 2022
  bool windows_cluster = false;  // 2016, whose groups need one

  bool operator==(const CatalogDialect&) const = default;
};

// Asked first when the version behind an address is not known.
SqlBatch VersionProbeBatch();
Result<CatalogDialect> ReadDialect(const SqlReply& reply);

SqlBatch FastBatch(const CatalogDialect& dialect);
// `version`, `read_at` and what SlowBatch reads are left to the caller. Lists are sorted, so that
// two reads of the same state are equal. Errors: kInternal ReplyMalformed.
Result<InstanceSnapshot> ReadFast(const SqlReply& reply, const CatalogDialect& dialect);

struct RareParts {
  std::map<DatabaseName, DatabaseFiles> files;
  std::map<DatabaseName, DatabaseEncryption> encryptions;
};
SqlBatch SlowBatch();
Result<RareParts> ReadSlow(const SqlReply& reply);

// encrypt_option of the connection that asks.
SqlBatch EncryptionBatch();
Result<bool> ReadEncryption(const SqlReply& reply);

}  // namespace milink::sql
