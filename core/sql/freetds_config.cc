#include "core/sql/freetds_config.h"

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "core/sql/freetds_profile.h"
#include "core/sql/memory_file.h"

namespace milink::sql {
Result<std::unique_ptr<FreeTdsConfig>> FreeTdsConfig::Make() {
  auto file = MemoryFile("");
  if (!file.ok()) {
    return file.error();
  }
  const std::string path = PathOf(*file);
  if (setenv("FREETDSCONF", path.c_str(), 1) != 0) {
    return NotWritten("setenv");
  }
  return std::unique_ptr<FreeTdsConfig>(new FreeTdsConfig(*std::move(file)));
}

FreeTdsConfig::~FreeTdsConfig() = default;

Result<std::unique_ptr<FreeTdsConfig::Section>> FreeTdsConfig::Add(const SqlTarget& target) {
  FileDescriptor ca;
  std::string ca_file = "system";
  if (target.ca_pem) {
    auto file = MemoryFile(*target.ca_pem);
    if (!file.ok()) {
      return file.error();
    }
    ca = *std::move(file);
    ca_file = PathOf(ca);
  }
  const std::lock_guard lock(mutex_);
  std::string name = "milink" + std::to_string(++counter_);
  sections_[name] = FreeTdsSection(target, name, ca_file);
  if (auto published = Publish(); !published.ok()) {
    sections_.erase(name);
    return published.error();
  }
  return std::make_unique<Section>(*this, std::move(name), std::move(ca));
}

void FreeTdsConfig::Withdraw(const std::string& name) {
  const std::lock_guard lock(mutex_);
  sections_.erase(name);
  // A section that stays behind is of no use to anybody: the next Publish drops it.
  static_cast<void>(Publish().ok());
}

Status FreeTdsConfig::Publish() {
  std::string content;
  for (const auto& [name, text] : sections_) {
    content += text;
  }
  auto fresh = MemoryFile(content);
  if (!fresh.ok()) {
    return fresh.error();
  }
  // dup3 replaces the number in one step; readers that opened the old file keep it.
  if (dup3(fresh->get(), file_.get(), O_CLOEXEC) < 0) {
    return NotWritten("dup3");
  }
  return OkStatus();
}

}  // namespace milink::sql
