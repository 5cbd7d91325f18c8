// Damaged messages: every parser must end with a value or an error, whatever the bytes. What makes
// this worth running is a build with sanitizers.
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/sim/tds/login7.h"
#include "tests/sim/tds/packet.h"
#include "tests/sim/tds/prelogin.h"
#include "tests/sim/tds/requests.h"
#include "tests/sim/tds/testing/raw_client.h"
#include "tests/sim/tds/value_decoder.h"
#include "tests/unit/sim_tds/hex.h"

namespace milink::sim::tds {
namespace {

// One to four changes: a byte, a run of 0xFF, a cut, a doubled piece.
std::string Damage(std::string bytes, Random& random) {
  const std::uint64_t changes = 1 + random.Bits() % 4;
  for (std::uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = random.Bits() % bytes.size();
    switch (random.Bits() % 4) {
      case 0:
        bytes[at] = static_cast<char>(random.Bits() & 0xFFU);
        break;
      case 1:
        bytes.replace(at, 4, 4, '\xFF');
        break;
      case 2:
        bytes.resize(at);
        break;
      default:
        bytes.insert(at, bytes.substr(at, random.Bits() % 16));
    }
  }
  return bytes;
}

struct Target {
  const char* name;
  std::string message;
  std::function<bool(const std::string&)> parse;  // true: accepted
};

std::vector<Target> Targets() {
  const std::string rpc = WithHeaders(
      Bin("FFFF 0A00 0000  00 00 63 04000000 0904D00034 04000000 71003100"
          "00 00 E7 0800 0904D00034 0400 40005000  02 40006100 01 26 04 04 07000000"
          "00 00 6A 05 05 02 05 00 2C010000  00 00 2A 03 07 E8030000 80460B"
          "00 00 A5 FFFF FEFFFFFFFFFFFFFF 01000000 07 00000000"
          "00 00 24 10 10 33221100554477668899AABBCCDDEEFF  00 00 6F 08 08 01000000 2C010000"));
  return {
      {"prelogin", EncodePreloginRequest(Encryption::kOn),
       [](const std::string& m) { return ParsePrelogin(m).ok(); }},
      {"login", EncodeLogin7({.database = "db"}),
       [](const std::string& m) { return ParseLogin7(m).ok(); }},
      {"token login", EncodeLogin7({.access_token = "token"}),
       [](const std::string& m) { return ParseLogin7(m).ok(); }},
      {"batch", EncodeBatch("select 1"), [](const std::string& m) { return ParseBatch(m).ok(); }},
      {"rpc", rpc, [](const std::string& m) { return ParseRpc(m).ok(); }},
      {"transaction", WithHeaders(Bin("0700 00 01 00 00")),
       [](const std::string& m) { return ParseTransaction(m).ok(); }},
      {"stream", PackMessage(PacketType::kSqlBatch, std::string(1200, 'x'), 512, 0),
       [](const std::string& m) {
         MessageAssembler assembler(4096);
         assembler.Append(m);
         while (true) {
           const Result<std::optional<Message>> next = assembler.Next();
           if (!next || !next->has_value()) {
             return next.ok();
           }
         }
       }},
  };
}

TEST(MalformedInput, NeverGetsPastTheParsersUndetectedOrCrashing) {
  constexpr int kRounds = 3000;
  for (const Target& target : Targets()) {
    ASSERT_TRUE(target.parse(target.message)) << target.name << " must be sound before damage";
    const auto random = MakeSeededRandom(2024);
    int refused = 0;
    for (int i = 0; i < kRounds; ++i) {
      refused += target.parse(Damage(target.message, *random)) ? 0 : 1;
    }
    EXPECT_GT(refused, kRounds / 50) << target.name;
  }
}

TEST(MalformedInput, EveryPrefixOfAnRpcIsHandled) {
  for (const Target& target : Targets()) {
    for (std::size_t length = 0; length < target.message.size(); ++length) {
      target.parse(target.message.substr(0, length));
    }
  }
}

TEST(MalformedInput, RandomTypesAndValuesAreHandled) {
  const auto random = MakeSeededRandom(7);
  for (int type = 0; type < 256; ++type) {
    for (int i = 0; i < 50; ++i) {
      std::string bytes(1, static_cast<char>(type));
      const std::uint64_t length = random->Bits() % 24;
      for (std::uint64_t k = 0; k < length; ++k) {
        bytes.push_back(static_cast<char>(random->Bits() & (k < 2 ? 0x0FU : 0xFFU)));
      }
      ByteReader reader(bytes);
      const Result<TypedValue> value = ReadTypedValue(reader);
      EXPECT_TRUE(!value.ok() || reader.ok());
    }
  }
}

}  // namespace
}  // namespace milink::sim::tds
