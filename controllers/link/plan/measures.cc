#include "controllers/link/plan/measures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace milink::link {
namespace {

// From good to bad.
constexpr std::array<std::string_view, 6> kOrder = {"", "<10s", "<1m", "<5m", "<1h", ">1h"};

bool IsBetter(const std::string& a, const std::string& b) {
  return std::ranges::find(kOrder, a) < std::ranges::find(kOrder, b);
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
    return sql::TransferredPercent(*view.seeding);
  }
  if (view.link == nullptr || view.Established()) return std::nullopt;
  for (const azure::LinkDatabase& database : view.link->databases) {
    if (SameName(database.name, view.names.name.str()) && database.replica_state == "Seeding") {
      return ParsePercent(database.seeding_progress);
    }
  }
  return std::nullopt;
}

std::string WorseLag(const std::string& a, const std::string& b) { return IsBetter(a, b) ? b : a; }

}  // namespace milink::link
