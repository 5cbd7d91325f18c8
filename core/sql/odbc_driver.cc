#include "core/sql/odbc_driver.h"

#include <array>
#include <filesystem>

#include "core/sql/freetds_profile.h"
#include "core/sql/microsoft_profile.h"

namespace milink::sql {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFreeTdsLibrary = "libtdsodbc.so";
constexpr std::string_view kMicrosoftLibrary = "libmsodbcsql-18.";

constexpr std::array<std::string_view, 8> kFolders = {
    "/usr/lib/x86_64-linux-gnu/odbc",
    "/usr/lib/aarch64-linux-gnu/odbc",
    "/usr/lib/odbc",
    "/opt/microsoft/msodbcsql18/lib64",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
};

// The last by name of those that begin so.
std::string FindLibrary(std::string_view beginning) {
  std::string found;
  for (const auto folder : kFolders) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(beginning) && entry.path().string() > found) {
        found = entry.path().string();
      }
    }
    if (!found.empty()) {
      break;
    }
  }
  return found;
}

Error Missing(std::string message) {
  return Error{ErrorKind::kUnsupported, "DriverMissing", std::move(message), ""};
}

}  // namespace

const DriverProfile* ProfileOf(std::string_view library) {
  const std::string name = fs::path(library).filename().string();
  if (name.starts_with(kFreeTdsLibrary)) {
    return &FreeTdsProfile();
  }
  return name.starts_with(kMicrosoftLibrary) ? &MicrosoftProfile() : nullptr;
}

Result<OdbcDriver> FindOdbcDriver(std::string_view wanted) {
  std::string path(wanted);
  if (wanted == FreeTdsProfile().name()) {
    path = FindLibrary(kFreeTdsLibrary);
  } else if (wanted == MicrosoftProfile().name()) {
    path = FindLibrary(kMicrosoftLibrary);
  }
  std::error_code failed;
  const std::string library = fs::canonical(path, failed).string();
  if (path.empty() || failed) {
    return Missing("the ODBC driver " + std::string(wanted) +
                   " was not found; install it, or give the path of its library in --odbc-driver");
  }
  const DriverProfile* profile = ProfileOf(library);
  if (profile == nullptr) {
    return Missing("the ODBC driver " + library +
                   " is not one that the operator knows how to encrypt with; give FreeTDS "
                   "(libtdsodbc.so) or msodbcsql18 (libmsodbcsql-18.*) in --odbc-driver");
  }
  return OdbcDriver{library, profile};
}

}  // namespace milink::sql
