// Randomness, injected, so that jitter and identifiers are the same in every run of a test.
//
// Implementations are thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace milink {

class Random {
 public:
  virtual ~Random() = default;
  virtual double Uniform() = 0;      // in [0, 1)
  virtual std::uint64_t Bits() = 0;  // 64 random bits
};

// Seeded from the operating system. Not for keys.
std::unique_ptr<Random> MakeSystemRandom();
// Same seed, same sequence.
std::unique_ptr<Random> MakeSeededRandom(std::uint64_t seed);

// A random (version 4) UUID in lower case.
std::string NewUuid(Random& random);

}  // namespace milink
