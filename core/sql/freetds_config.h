// The configuration file of FreeTDS, kept in memory: only there can a CA be given, and only for a
// server that is named by its section.
//
// The file is a memfd behind /proc/self/fd, so that a read-only root file system will do, and is
// replaced as a whole: a reader sees the old one or the new one. A section lives only while
// somebody connects, because FreeTDS reads the file at every connect and never later. Thread-safe;
// the constructor is not, since it sets FREETDSCONF for the process: make one before threads start.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/result.h"
#include "core/sql/file_descriptor.h"
#include "core/sql/session.h"

namespace milink::sql {

class FreeTdsConfig {
 public:
  static Result<std::unique_ptr<FreeTdsConfig>> Make();
  ~FreeTdsConfig();
  FreeTdsConfig(const FreeTdsConfig&) = delete;
  FreeTdsConfig& operator=(const FreeTdsConfig&) = delete;

  // The section is there until this is destroyed. Must not outlive the configuration.
  class Section {
   public:
    Section(FreeTdsConfig& config, std::string name, FileDescriptor ca)
        : config_(config), name_(std::move(name)), ca_(std::move(ca)) {}
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;
    ~Section() { config_.Withdraw(name_); }
    const std::string& name() const { return name_; }

   private:
    FreeTdsConfig& config_;
    std::string name_;
    FileDescriptor ca_;
  };

  // For a target that verifies. kInternal ConfigurationNotWritten when memory files fail.
  Result<std::unique_ptr<Section>> Add(const SqlTarget& target);

 private:
  explicit FreeTdsConfig(FileDescriptor file) : file_(std::move(file)) {}
  void Withdraw(const std::string& name);
  Status Publish();  // REQUIRES: mutex_ held

  std::mutex mutex_;
  FileDescriptor file_;
  std::uint64_t counter_ = 0;
  std::map<std::string, std::string> sections_;
};

}  // namespace milink::sql
