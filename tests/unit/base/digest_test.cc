#include "core/base/digest.h"

#include <string>

#include <gtest/gtest.h>

namespace milink {
namespace {

// Vectors of FIPS 180: the empty message, "abc", and one million times "a".
TEST(DigestTest, Sha1AgreesWithTheStandard) {
  EXPECT_EQ(Sha1Thumbprint(""), "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
  EXPECT_EQ(Sha1Thumbprint("abc"), "A9993E364706816ABA3E25717850C26C9CD0D89D");
  EXPECT_EQ(Sha1Thumbprint(std::string(1'000'000, 'a')),
            "34AA973CD4C4DAA4F61EEB2BDBAD27316534016F");
}

TEST(DigestTest, Sha256AgreesWithTheStandard) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(DigestTest, BytesOfZeroCount) { EXPECT_NE(Sha256Hex(std::string("a\0b", 3)), Sha256Hex("a")); }

}  // namespace
}  // namespace milink
