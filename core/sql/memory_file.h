// A file without a disk, for what an ODBC driver takes by its path only: a read-only root file
// system will do. It lives as long as its descriptor. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/sql/file_descriptor.h"

namespace milink::sql {

// kInternal ConfigurationNotWritten when the system refuses.
Result<FileDescriptor> MemoryFile(std::string_view content);

// Valid in this process.
std::string PathOf(const FileDescriptor& file);

// That error, for what is done to such a file besides; `what` is the call that failed.
Error NotWritten(std::string_view what);

}  // namespace milink::sql
