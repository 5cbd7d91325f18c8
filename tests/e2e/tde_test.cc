// Encrypted databases (TDE): one waits until its certificate is on the instance, or the operator
// carries it there, and nobody else ever sees the key.
#include <algorithm>
#include <map>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "tests/e2e/killer.h"
#include "tests/e2e/oracles.h"
#include "tests/e2e/stack.h"
#include "tests/integration/memory_search.h"
#include "tests/sim/world/pvk.h"

namespace milink::e2e {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kUpload[] = "sqlmi1: POST tdeCertificates ";

// The default world, with sales under a certificate and hr under a key of a key vault.
Stack::Settings EncryptedWorld(const std::map<std::string, bool>& switches = {}) {
  Stack::Settings settings;
  json& server = settings.world["sqlServers"][0];
  server["masterKey"] = true;
  server["certificates"] = {"TdeCert"};
  server["asymmetricKeys"] = {"VaultKey"};
  server["databases"][0]["encryptionCertificate"] = "TdeCert";
  server["databases"].push_back({{"name", "hr"},
                                 {"recovery", "FULL"},
                                 {"sizeBytes", 1 << 20},
                                 {"encryptionAsymmetricKey", "VaultKey"}});
  for (const auto& [name, on] : switches) {
    settings.world["switches"][name] = on;
  }
  return settings;
}

json LinkManifestOf(const Stack& stack, const std::string& tde_certificates) {
  json manifest = stack.LinkManifest();
  manifest["spec"]["preparation"]["tdeCertificates"] = tde_certificates;
  return manifest;
}

std::string Message(Stack& stack, const std::string& type) {
  const json link = stack.Get("mil", "shop");
  for (const auto& condition : link.at("status").at("conditions")) {
    if (condition.at("type") == type) {
      return condition.at("message");
    }
  }
  return {};
}

std::string TdeThumbprint(Stack& stack) {
  const auto world = stack.sim().world().Enter();
  return world->FindInstance("SQL1")->FindCertificate("TdeCert")->thumbprint;
}

std::vector<std::string> OnInstance(Stack& stack) {
  const auto world = stack.sim().world().Enter();
  return world->FindManagedInstance("sqlmi1")->tde_thumbprints;
}

void Start(Stack& stack, const json& link) {
  stack.ApplySecrets();
  stack.StartOperator();
  stack.Apply(stack.ReplicaManifest());
  stack.Apply(link);
}

TEST(TdeE2eTest, RequiredCertificatesAreNamedAndOtherDatabasesGoOn) {
  Stack stack(EncryptedWorld());
  json link = LinkManifestOf(stack, "Require");
  link["spec"]["databases"].push_back({{"name", "hr"}});
  Start(stack, link);
  ASSERT_TRUE(Eventually(
      [&] {
        const json status = stack.Get("mil", "shop").value("status", json::object());
        return status.value("/summary/databases"_json_pointer, "") == "1/3";
      },
      std::chrono::seconds(90)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "Stalled", "True"));
  const std::string message = Message(stack, "DatabasesPrepared");
  EXPECT_THAT(message,
              HasSubstr("sales: it is encrypted (TDE) by certificate TdeCert (thumbprint " +
                        TdeThumbprint(stack)));
  EXPECT_THAT(message, HasSubstr("asymmetric key VaultKey of a key vault"));
  EXPECT_TRUE(Unrest(stack, std::chrono::seconds(6)).empty());
  EXPECT_TRUE(OnInstance(stack).empty());

  // Uploaded by hand, and said so; in the letters of another program.
  const std::string thumbprint = TdeThumbprint(stack);
  stack.sim().world().Enter()->FindManagedInstance("sqlmi1")->tde_thumbprints = {thumbprint};
  link["spec"]["preparation"]["tdeThumbprintsOnInstance"] = {ToLowerAscii(thumbprint)};
  link["spec"]["databases"].erase(2);
  stack.Apply(link);
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2);
  EXPECT_THAT(Writes(stack), ::testing::Not(Contains(::testing::Key(kUpload))));
  EXPECT_THAT(stack.sim().world().Enter()->confided, IsEmpty());
}

// The first factor of the certificate's key, from the end of its unencrypted export.
std::string FactorOfKey(Stack& stack) {
  const auto world = stack.sim().world().Enter();
  const auto* const certificate = world->FindInstance("SQL1")->FindCertificate("TdeCert");
  const std::string pvk = sim::MakePvk(certificate->private_key_pem, "");
  constexpr std::size_t kHeaders = 24 + 8 + 12;
  const auto modulus = static_cast<std::size_t>(certificate->key_length) / 8;
  return pvk.substr(kHeaders + modulus, modulus / 2);
}

struct Openness {
  const char* name;
  std::map<std::string, bool> switches;
};
void PrintTo(const Openness& openness, std::ostream* out) { *out << openness.name; }

class MigratedTde : public ::testing::TestWithParam<Openness> {};

TEST_P(MigratedTde, ACertificateIsCarriedOverOnceAndNobodySeesTheKey) {
  Stack stack(EncryptedWorld(GetParam().switches));
  Start(stack, LinkManifestOf(stack, "Migrate"));
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  const std::string thumbprint = TdeThumbprint(stack);
  EXPECT_EQ(OnInstance(stack), std::vector{thumbprint});
  EXPECT_EQ(Writes(stack)[kUpload], 1);
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  const json journal = stack.Get("mil", "shop").at("status").at("ownedObjects");
  EXPECT_THAT(journal, Contains(json{{"side", "ManagedInstance"},
                                     {"kind", "TdeCertificate"},
                                     {"name", thumbprint},
                                     {"identity", thumbprint},
                                     {"state", "Created"}}));
  EXPECT_TRUE(Unrest(stack, std::chrono::seconds(6)).empty());
  EXPECT_GE(stack.sim().world().Enter()->confided.size(), 3U);
  const std::string factor = FactorOfKey(stack);
  for (const std::string& form : {factor, ToHex(factor), ToLowerAscii(ToHex(factor))}) {
    stack.sim().world().Enter()->confided.push_back(form);
  }
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
  const auto hidden = test::HiddenBytes::FromText(factor);
  EXPECT_EQ(test::CountInMemory(stack.OperatorPid(), hidden), 0U);

  // Azure has no way to take it away again, and the deletion does not wait for one.
  stack.Kubectl({"-n", Stack::kNamespace, "delete", "mil", "shop", "--wait=false"});
  EXPECT_TRUE(stack.WaitGone("mil", "shop")) << stack.OperatorLog();
  EXPECT_EQ(OnInstance(stack), std::vector{thumbprint});
}

INSTANTIATE_TEST_SUITE_P(Switches, MigratedTde,
                         ::testing::Values(Openness{"AsAssumed", {}},
                                           Openness{"EndsAtOnce", {{"tdeUploadEndsAtOnce", true}}},
                                           Openness{"OnlyLocation",
                                                    {{"tdeUploadHasStatusUrl", false},
                                                     {"privateKeyPasswordIsUtf16", true}}}),
                         [](const auto& row) { return std::string(row.param.name); });

// The list was wrong: Azure's refusal is shown, whenever it comes.
TEST(TdeE2eTest, AThumbprintThatIsNotThereShowsAsTheInstancesRefusal) {
  for (const bool late : {false, true}) {
    Stack stack(EncryptedWorld({{"missingTdeCertificateFailsSeeding", late}}));
    json link = LinkManifestOf(stack, "Require");
    link["spec"]["preparation"]["tdeThumbprintsOnInstance"] = {TdeThumbprint(stack)};
    Start(stack, link);
    EXPECT_TRUE(Eventually(
        [&] {
          return stack.Condition("mil", "shop", "DatabasesPrepared") ==
                 "False TdeCertificateMissing";
        },
        std::chrono::seconds(90)))
        << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
    EXPECT_THAT(Message(stack, "DatabasesPrepared"),
                HasSubstr("which preparation.tdeThumbprintsOnInstance lists, and managed instance "
                          "sqlmi1 says that it does not have it"));
  }
}

// Sales replicates, and then its key is given to another certificate.
std::string Exchange(Stack& stack) {
  const auto world = stack.sim().world().Enter();
  sim::SqlServerInstance& server = *world->FindInstance("SQL1");
  std::string next = server.FindCertificate("TdeCert2")->thumbprint;
  server.FindDatabase("sales")->encryptor_thumbprint = next;
  return next;
}

void Restart(Stack& stack) {
  EXPECT_EQ(stack.StopOperator(), 0);
  stack.StartOperator();
}

Stack::Settings TwoCertificates(const std::map<std::string, bool>& switches) {
  Stack::Settings settings = EncryptedWorld(switches);
  settings.world["sqlServers"][0]["certificates"].push_back("TdeCert2");
  return settings;
}

class ExchangedTde : public ::testing::TestWithParam<Openness> {};

TEST_P(ExchangedTde, TheNextCertificateOfALinkedDatabaseIsCarriedOverAsWell) {
  Stack stack(TwoCertificates(GetParam().switches));
  Start(stack, LinkManifestOf(stack, "Migrate"));
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  const std::string next = Exchange(stack);
  Restart(stack);  // reads what protects the database, which is otherwise read now and then
  EXPECT_TRUE(Eventually([&] { return OnInstance(stack).size() == 2; }, std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_THAT(OnInstance(stack), Contains(next));
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_EQ(Writes(stack)[kUpload], 2);
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Switches, ExchangedTde,
    ::testing::Values(Openness{"TheCopyStops", {}},
                      Openness{"TheCopyGoesOn", {{"missingTdeCertificateStopsCopy", false}}},
                      Openness{"TheOtherNumber", {{"missingTdeCertificateIs33111", true}}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(TdeE2eTest, TheNextCertificateOfALinkedDatabaseIsAskedForAndTheLinkIsNotCalledDown) {
  Stack stack(TwoCertificates({{"missingTdeCertificateStopsCopy", false}}));
  json link = LinkManifestOf(stack, "Require");
  const std::string first = TdeThumbprint(stack);
  stack.sim().world().Enter()->FindManagedInstance("sqlmi1")->tde_thumbprints = {first};
  link["spec"]["preparation"]["tdeThumbprintsOnInstance"] = {first};
  Start(stack, link);
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  const std::string next = Exchange(stack);
  Restart(stack);
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "DatabasesPrepared", "False"));
  EXPECT_EQ(stack.Condition("mil", "shop", "DatabasesPrepared"), "False DatabaseEncrypted");
  EXPECT_THAT(Message(stack, "DatabasesPrepared"), HasSubstr(next));
  EXPECT_EQ(stack.Condition("mil", "shop", "Ready"), "True Replicating");
  EXPECT_EQ(stack.Condition("mil", "shop", "Stalled"), "");

  link["spec"]["preparation"]["tdeThumbprintsOnInstance"].push_back(next);
  stack.Apply(link);
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "DatabasesPrepared", "True"))
      << stack.Get("mil", "shop").dump(2);
  EXPECT_THAT(Writes(stack), ::testing::Not(Contains(::testing::Key(kUpload))));
}

TEST(TdeE2eTest, AnInstanceThatForgetsItsCertificatesGetsThemAgain) {
  Stack stack(EncryptedWorld());
  Start(stack, LinkManifestOf(stack, "Migrate"));
  ASSERT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_EQ(stack.StopOperator(), 0);
  stack.sim().world().Enter()->FindManagedInstance("sqlmi1")->tde_thumbprints.clear();
  stack.StartOperator();
  EXPECT_TRUE(Eventually([&] { return OnInstance(stack) == std::vector{TdeThumbprint(stack)}; },
                         std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_TRUE(stack.WaitCondition("mil", "shop", "Ready", "True", std::chrono::seconds(120)))
      << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
  EXPECT_TRUE(Unrest(stack, std::chrono::seconds(6)).empty());
  EXPECT_EQ(Writes(stack)[kUpload], 2);
}

class TdeKillTest : public ::testing::TestWithParam<Variant> {
 protected:
  static void ApplyEncrypted(Stack& stack) {
    stack.ApplySecrets();
    stack.Apply(stack.ReplicaManifest());
    stack.Apply(LinkManifestOf(stack, "Migrate"));
  }
  static bool Ready(Stack& stack) {
    return stack.Condition("mil", "shop", "Ready").starts_with("True");
  }
  static void SetUpTestSuite() {
    Stack stack(ThroughGate(EncryptedWorld()));
    ApplyEncrypted(stack);
    stack.StartOperator();
    ASSERT_TRUE(Eventually([&] { return Ready(stack); }, std::chrono::seconds(120)))
        << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
    reference_ = std::make_unique<Outcome>(OutcomeOf(stack));
  }
  static void TearDownTestSuite() { reference_.reset(); }

  // What an upload without a crash leads to.
  static std::unique_ptr<Outcome> reference_;
};

std::unique_ptr<Outcome> TdeKillTest::reference_;

TEST_P(TdeKillTest, KilledAtEveryWriteTheCertificateIsUploadedOnce) {
  ASSERT_NE(reference_, nullptr);
  Stack stack(ThroughGate(EncryptedWorld()));
  ApplyEncrypted(stack);
  std::size_t kills = 0;
  {
    Killer killer(stack, GetParam());
    stack.StartOperator();
    EXPECT_TRUE(killer.Until([&] { return Ready(stack); }, std::chrono::seconds(240)))
        << stack.Get("mil", "shop").dump(2) << stack.OperatorLog();
    kills = killer.kills();
  }
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, 25U) << "a way up has more writes than that";
  EXPECT_EQ(stack.ComparableWorld(), reference_->world);
  EXPECT_EQ(Writes(stack), reference_->writes);
  EXPECT_THAT(NeverQuiet(stack), IsEmpty());
  EXPECT_EQ(OnInstance(stack), std::vector{TdeThumbprint(stack)});
  EXPECT_EQ(Writes(stack)[kUpload], 1);
  EXPECT_THAT(Repeated(Writes(stack)), IsEmpty());
  EXPECT_THAT(LeakedSecrets(stack), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Variants, TdeKillTest, kVariants, NameOf);

}  // namespace
}  // namespace milink::e2e
