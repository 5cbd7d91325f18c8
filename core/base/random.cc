#include "core/base/random.h"

#include <array>
#include <mutex>
#include <random>

namespace milink {
namespace {

class EngineRandom final : public Random {
 public:
  explicit EngineRandom(std::uint64_t seed) : engine_(seed) {}

  double Uniform() override { return static_cast<double>(Bits() >> 11U) * 0x1.0p-53; }

  std::uint64_t Bits() override {
    const std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace

std::unique_ptr<Random> MakeSystemRandom() {
  std::random_device device;
  const std::uint64_t high = device();
  return std::make_unique<EngineRandom>((high << 32U) ^ device());
}

std::unique_ptr<Random> MakeSeededRandom(std::uint64_t seed) {
  return std::make_unique<EngineRandom>(seed);
}

std::string NewUuid(Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random.Bits();
    for (std::size_t i = 0; i < 8; ++i, bits >>= 8U) {
      bytes.at(half * 8 + i) = static_cast<std::uint8_t>(bits & 0xFFU);
    }
  }
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    text += kHex[bytes.at(i) >> 4U];
    text += kHex[bytes.at(i) & 0x0FU];
  }
  return text;
}

}  // namespace milink
