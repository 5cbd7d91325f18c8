#include "tests/integration/tds/clients.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace milink::sim::tds {
namespace {

// A freetds.conf with one section, gone with the object.
class ClientConfiguration {
 public:
  explicit ClientConfiguration(const ClientRun& run) {
    std::string path = (std::filesystem::temp_directory_path() / "freetds-XXXXXX").string();
    const int fd = mkstemp(path.data());
    if (fd >= 0) {
      close(fd);
    }
    path_ = path;
    std::ofstream file(path_);
    file << "[server]\nhost = localhost\nport = " << run.port
         << "\ntds version = 7.4\nclient charset = UTF-8\nencryption = " << run.encryption << "\n";
    if (!run.ca_file.empty()) {
      file << "ca file = " << run.ca_file << "\ncheck certificate hostname = yes\n";
    }
    if (run.timeout_seconds > 0) {
      file << "timeout = " << run.timeout_seconds << "\n";
    }
  }
  ~ClientConfiguration() { std::remove(path_.c_str()); }
  ClientConfiguration(const ClientConfiguration&) = delete;
  ClientConfiguration& operator=(const ClientConfiguration&) = delete;

  std::string Setting() const { return "FREETDSCONF=" + path_; }

 private:
  std::string path_;
};

}  // namespace

test::CommandOutput RunTsql(const ClientRun& run, const std::vector<std::string>& batches) {
  const ClientConfiguration configuration(run);
  std::string input;
  for (const std::string& batch : batches) {
    input += batch + "\ngo\n";
  }
  std::vector<std::string> args = {
      "env", configuration.Setting(), "tsql", "-S", "server", "-U", kUser, "-P", run.password};
  if (!run.database.empty()) {
    args.insert(args.end(), {"-D", run.database});
  }
  return test::RunCommand(args, input + "exit\n");
}

test::CommandOutput RunIsql(const ClientRun& run, const std::vector<std::string>& statements) {
  const ClientConfiguration configuration(run);
  std::string connection = std::string("DRIVER=FreeTDS;Servername=server;TDS_Version=7.4;UID=") +
                           kUser + ";PWD=" + run.password;
  if (run.timeout_seconds > 0) {
    connection += ";Timeout=" + std::to_string(run.timeout_seconds);
  }
  std::string input;
  for (const std::string& statement : statements) {
    input += statement + "\n";
  }
  return test::RunCommand({"env", configuration.Setting(), "isql", "-b", "-v", "-k", connection},
                          input);
}

}  // namespace milink::sim::tds
