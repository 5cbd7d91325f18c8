#include "core/sql/memory_file.h"

#include <cerrno>
#include <system_error>

#include <sys/mman.h>
#include <unistd.h>

namespace milink::sql {

Result<FileDescriptor> MemoryFile(std::string_view content) {
  FileDescriptor file(memfd_create("milink-odbc", MFD_CLOEXEC));
  if (file.get() < 0) {
    return NotWritten("memfd_create");
  }
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written <= 0) {
      return NotWritten("write");
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

std::string PathOf(const FileDescriptor& file) {
  return "/proc/self/fd/" + std::to_string(file.get());
}

Error NotWritten(std::string_view what) {
  return Error{ErrorKind::kInternal, "ConfigurationNotWritten",
               "the configuration of the ODBC driver could not be written: " + std::string(what),
               std::generic_category().message(errno)};
}

}  // namespace milink::sql
