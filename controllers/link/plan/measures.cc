#include "controllers/link/plan/measures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace milink::link {
namespace {

struct Bucket {
  std::int64_t below;  // seconds
  std::string_view name;
};

constexpr std::array<Bucket, 4> kBuckets = {
    {{10, "<10s"}, {60, "<1m"}, {300, "<5m"}, {3600, "<1h"}}};
constexpr std::string_view kBeyond = ">1h";

std::size_t Rank(std::string_view bucket) {
  if (bucket.empty()) return 0;
  for (std::size_t i = 0; i < kBuckets.size(); ++i) {
    if (kBuckets[i].name == bucket) return i + 1;
  }
  return kBuckets.size() + 1;
}

// "80%" of the service.
std::optional<int> ParsePercent(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data() || value < 0 || value > 100) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int> SeedingPercent(const DatabaseView& view) {
  if (view.seeding != nullptr && view.seeding->state == "SEEDING") {
    if (view.seeding->database_bytes <= 0) return 0;
    const double share = static_cast<double>(view.seeding->transferred_bytes) /
                         static_cast<double>(view.seeding->database_bytes);
    return static_cast<int>(std::clamp(share * 100.0, 0.0, 100.0));
  }
  if (view.link == nullptr || view.Established()) return std::nullopt;
  for (const azure::LinkDatabase& database : view.link->databases) {
    if (SameName(database.name, view.names.name.str()) && database.replica_state == "Seeding") {
      return ParsePercent(database.seeding_progress);
    }
  }
  return std::nullopt;
}

std::string LagBucket(std::optional<std::int64_t> seconds) {
  if (!seconds.has_value() || *seconds < 0) return {};
  for (const Bucket& bucket : kBuckets) {
    if (*seconds < bucket.below) return std::string(bucket.name);
  }
  return std::string(kBeyond);
}

std::string WorseLag(const std::string& a, const std::string& b) {
  return Rank(a) < Rank(b) ? b : a;
}

}  // namespace milink::link
