// The converter of private keys against the openssl program, which writes PVK files and reads
// PKCS#12 files by its own means.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/pki/certificate.h"
#include "core/pki/pkcs12.h"
#include "core/pki/pvk.h"
#include "tests/integration/command.h"
#include "tests/integration/memory_search.h"
#include "tests/sim/world/pvk.h"

namespace milink::pki {
namespace {

using milink::test::RunCommand;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class OpensslTest : public testing::TestWithParam<int> {
 protected:
  OpensslTest() {
    std::string folder = std::filesystem::temp_directory_path() / "milink-pki-XXXXXX";
    directory_ = mkdtemp(folder.data());
    Openssl({"req", "-x509", "-newkey", "rsa:" + std::to_string(GetParam()), "-nodes", "-keyout",
             Path("key.pem"), "-out", Path("cert.pem"), "-subj", "/CN=TDE", "-days", "30"});
  }
  ~OpensslTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ / name; }
  static std::string Openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    const auto output = RunCommand(arguments);
    EXPECT_EQ(output.exit_code, 0) << arguments[1] << ": " << output.err;
    return output.out;
  }
  // The program keeps RC4 in its legacy provider.
  Secret Pvk(const std::string& strength) const {
    Openssl({"rsa", "-in", Path("key.pem"), "-outform", "PVK", strength, "-passout", "pass:export",
             "-out", Path("key.pvk"), "-provider", "legacy", "-provider", "default"});
    return Secret(ReadFile(Path("key.pvk")));
  }
  std::string Certificate() const { return *PemToDer(ReadFile(Path("cert.pem"))); }
  // What the program finds in the file.
  std::string Reads(const Secret& file, const std::string& what) const {
    std::ofstream(Path("out.pfx"), std::ios::binary) << file.Reveal();
    return Openssl({"pkcs12", "-in", Path("out.pfx"), "-passin", "pass:p12", "-nodes", what});
  }
  static std::string Modulus(const std::string& pem) {
    const auto output = RunCommand({"openssl", "rsa", "-noout", "-modulus"}, pem);
    EXPECT_EQ(output.exit_code, 0) << output.err;
    return output.out;
  }

  std::filesystem::path directory_;
};

TEST_P(OpensslTest, AKeyThatItExportsComesBackFromTheFile) {
  for (const char* strength : {"-pvk-strong", "-pvk-weak", "-pvk-none"}) {
    const auto file = Pkcs12FromPvk(Certificate(), Pvk(strength), Secret("export"), Secret("p12"));
    ASSERT_TRUE(file.ok()) << strength << ToString(file.error());
    EXPECT_EQ(Modulus(Reads(*file, "-nocerts")), Modulus(ReadFile(Path("key.pem")))) << strength;
    EXPECT_EQ(PemToDer(Reads(*file, "-nokeys")).value(), Certificate()) << strength;
  }
}

TEST_P(OpensslTest, TheStrongerFileIsReadToo) {
  const auto file = Pkcs12FromPvk(Certificate(), Pvk("-pvk-strong"), Secret("export"),
                                  Secret("p12"), Pkcs12Cipher::kAes256);
  ASSERT_TRUE(file.ok()) << ToString(file.error());
  EXPECT_EQ(Modulus(Reads(*file, "-nocerts")), Modulus(ReadFile(Path("key.pem"))));
}

TEST_P(OpensslTest, WhatItRefusesIsRefusedHere) {
  const std::string good(Pvk("-pvk-strong").Reveal());
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{30}, std::size_t{50}, good.size() / 2, good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    EXPECT_FALSE(PrivateKeyFromPvk(Secret(bad), Secret("export")).ok()) << at;
  }
  EXPECT_FALSE(PrivateKeyFromPvk(Secret(good), Secret("another")).ok());
  EXPECT_FALSE(PrivateKeyFromPvk(Secret(good.substr(0, good.size() - 1)), Secret("export")).ok());
}

// The first factor of the key, of which alone the whole can be computed, in both orders of bytes.
TEST_P(OpensslTest, NothingOfTheKeyStaysInMemory) {
  const std::string der = Certificate();
  const Secret pvk = Pvk("-pvk-strong");
  test::HiddenBytes factor;
  {
    const std::string text = Openssl({"rsa", "-in", Path("key.pem"), "-noout", "-text"});
    const auto begin = text.find(':', text.find("prime1")) + 1;
    factor = test::HiddenBytes::FromHex(text.substr(begin, text.find("prime2") - begin));
  }
  ASSERT_GE(factor.size(), static_cast<std::size_t>(GetParam()) / 16);
  EXPECT_EQ(test::CountInMemory(getpid(), factor), 0U);
  {
    const auto key = PrivateKeyFromPvk(pvk, Secret("export"));
    ASSERT_TRUE(key.ok());
    EXPECT_GT(test::CountInMemory(getpid(), factor), 0U) << "the search finds nothing at all";
    EXPECT_TRUE(MakePkcs12(der, *key, Secret("p12")).ok());
    EXPECT_FALSE(MakePkcs12("no certificate", *key, Secret("p12")).ok());
    EXPECT_FALSE(MakePkcs12(der, *key, Secret()).ok());
  }
  EXPECT_EQ(test::CountInMemory(getpid(), factor), 0U);
}

// The stand-in's SQL Server writes files as the program does.
TEST_P(OpensslTest, ReadsTheFilesOfTheStandIn) {
  std::ofstream(Path("sim.pvk"), std::ios::binary)
      << sim::MakePvk(ReadFile(Path("key.pem")), "export");
  const std::string key = Openssl({"rsa", "-inform", "PVK", "-in", Path("sim.pvk"), "-passin",
                                   "pass:export", "-provider", "legacy", "-provider", "default"});
  EXPECT_EQ(Modulus(key), Modulus(ReadFile(Path("key.pem"))));
}

INSTANTIATE_TEST_SUITE_P(Bits, OpensslTest, testing::Values(1024, 2048, 3072, 4096),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace milink::pki
