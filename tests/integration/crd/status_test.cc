// The status as our two field managers write it.
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "core/api/codec.h"
#include "tests/gen/manifests.h"
#include "tests/gen/statuses.h"
#include "tests/integration/crd/crd_env.h"

namespace milink::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// Server-side apply of a part of the status.
CommandOutput ApplyAs(const std::string& manager, const json& manifest, const json& status,
                      std::vector<std::string> more = {}) {
  json object = {{"apiVersion", manifest.at("apiVersion")},
                 {"kind", manifest.at("kind")},
                 {"metadata", manifest.at("metadata")},
                 {"status", status}};
  more.insert(more.begin(), {"apply", "--server-side", "--subresource=status",
                             "--field-manager=" + manager, "-f", "-"});
  return CrdEnv().Kubectl(more, object.dump());
}

// Of the reported part. Not forced: a field that both managers own would show.
CommandOutput Apply(const json& manifest, const json& status) {
  return ApplyAs(api::kStatusManager, manifest, status);
}

// Merge patch of the journal's part, bound to the version that was read.
CommandOutput Merge(const json& manifest, const json& journal, const std::string& version) {
  const json patch = {{"metadata", {{"resourceVersion", version}}}, {"status", journal}};
  return CrdEnv().Kubectl(
      {"patch", "--subresource=status", "--type=merge",
       std::string("--field-manager=") + api::kJournalManager, "-p", patch.dump(), "-f", "-"},
      manifest.dump());
}

std::string VersionOf(const json& object) {
  return object.at("metadata").at("resourceVersion").get<std::string>();
}

template <typename FullStatus>
void WriteBothParts(const json& manifest, const FullStatus& full) {
  const std::string version = VersionOf(Store(manifest));
  const CommandOutput merged = Merge(manifest, api::EncodeJournal(full), version);
  EXPECT_TRUE(merged.ok()) << merged.err;
  const CommandOutput applied = Apply(manifest, api::EncodeStatus(full));
  EXPECT_TRUE(applied.ok()) << applied.err;
}

TEST(ReplicaStatusOnServer, ComesBackWhole) {
  const json manifest = gen::ReplicaManifest("whole");
  WriteBothParts(manifest, gen::FullReplicaStatus());
  const auto replica = api::DecodeReplica(Read(manifest));
  ASSERT_TRUE(replica.ok()) << ToString(replica.error());
  EXPECT_EQ(replica->status, gen::FullReplicaStatus());
}

TEST(LinkStatusOnServer, ComesBackWhole) {
  const json manifest = gen::LinkManifest("whole", {"sales"});
  WriteBothParts(manifest, gen::FullLinkStatus());
  const auto link = api::DecodeLink(Read(manifest));
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  EXPECT_EQ(link->status, gen::FullLinkStatus());
}

TEST(LinkStatusOnServer, EachManagerWritesWithoutTouchingTheOthersPart) {
  const json manifest = gen::LinkManifest("managers", {"sales"});
  const api::ManagedInstanceLinkStatus full = gen::FullLinkStatus();
  WriteBothParts(manifest, full);

  // Less is reported: what was applied before goes, the journal stays.
  api::ManagedInstanceLinkStatus reported;
  reported.observed_generation = 4;
  const CommandOutput applied = Apply(manifest, api::EncodeStatus(reported));
  ASSERT_TRUE(applied.ok()) << applied.err;
  auto link = api::DecodeLink(Read(manifest));
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  EXPECT_TRUE(link->status.databases.empty());
  EXPECT_EQ(link->status.trust, std::nullopt);
  EXPECT_EQ(link->status.records, full.records);
  EXPECT_EQ(link->status.owned_objects, full.owned_objects);

  // The journal is emptied: the report stays.
  const CommandOutput merged = Merge(manifest, api::EncodeJournal(api::ManagedInstanceLinkStatus{}),
                                     link->meta.resource_version);
  ASSERT_TRUE(merged.ok()) << merged.err;
  link = api::DecodeLink(Read(manifest));
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  reported.network_test = full.network_test;  // there is always a newest one
  EXPECT_EQ(link->status, reported);
}

TEST(LinkStatusOnServer, ThatItCannotBeReadIsToldBesideTheRestUntilItCan) {
  const json manifest = gen::LinkManifest("undecodable", {"sales"});
  WriteBothParts(manifest, gen::FullLinkStatus());
  const auto ready = [&] {
    const auto link = api::DecodeLink(Read(manifest));
    EXPECT_TRUE(link.ok());
    return *api::FindCondition(link->status.conditions, "Ready");
  };
  const api::Condition before = ready();
  const json told = {{"conditions",
                      {{{"type", "Ready"},
                        {"status", "False"},
                        {"reason", "Undecodable"},
                        {"message", "cannot be read"},
                        {"observedGeneration", 3},
                        {"lastTransitionTime", "2026-11-29T10:00:00Z"}}}}};
  const CommandOutput applied =
      ApplyAs(api::kUndecodableManager, manifest, told, {"--force-conflicts"});
  ASSERT_TRUE(applied.ok()) << applied.err;
  EXPECT_EQ(ready().reason, "Undecodable");
  const auto link = api::DecodeLink(Read(manifest));
  ASSERT_TRUE(link.ok()) << ToString(link.error());
  EXPECT_EQ(link->status.conditions.size(), gen::FullLinkStatus().conditions.size());
  EXPECT_EQ(link->status.phase, gen::FullLinkStatus().phase);
  EXPECT_EQ(link->status.owned_objects, gen::FullLinkStatus().owned_objects);

  const CommandOutput again =
      ApplyAs(api::kStatusManager, manifest, api::EncodeStatus(gen::FullLinkStatus()),
              {"--force-conflicts"});
  ASSERT_TRUE(again.ok()) << again.err;
  EXPECT_EQ(ready(), before);
}

TEST(LinkStatusOnServer, AnUnchangedReportIsNoWrite) {
  const json manifest = gen::LinkManifest("quiet", {"sales"});
  WriteBothParts(manifest, gen::FullLinkStatus());
  const std::string before = VersionOf(Read(manifest));
  ASSERT_NE(before, "");
  ASSERT_TRUE(Apply(manifest, api::EncodeStatus(gen::FullLinkStatus())).ok());
  EXPECT_EQ(VersionOf(Read(manifest)), before);
}

TEST(ReplicaStatusOnServer, AnIdentityCanBeTakenBackByTheJournal) {
  const json manifest = gen::ReplicaManifest("identity");
  WriteBothParts(manifest, gen::FullReplicaStatus());
  const CommandOutput merged =
      Merge(manifest, api::EncodeJournal(api::SqlServerReplicaStatus{}), VersionOf(Read(manifest)));
  ASSERT_TRUE(merged.ok()) << merged.err;
  EXPECT_FALSE(Read(manifest).at("status").contains("identity"));
}

TEST(LinkStatusOnServer, AJournalFromAnOldReadIsRefused) {
  const json manifest = gen::LinkManifest("stale", {"sales"});
  const std::string old = VersionOf(Store(manifest));
  ASSERT_TRUE(Apply(manifest, api::EncodeStatus(gen::FullLinkStatus())).ok());
  EXPECT_THAT(Merge(manifest, api::EncodeJournal(gen::FullLinkStatus()), old).err,
              HasSubstr("the object has been modified"));
}

TEST(LinkStatusOnServer, IsNotWrittenWithTheSpecNorTheSpecWithIt) {
  json manifest = gen::LinkManifest("apart", {"sales"});
  manifest["status"] = {{"phase", "Mine"}};
  EXPECT_FALSE(Store(manifest).contains("status"));
  const CommandOutput patched =
      CrdEnv().Kubectl({"patch", "mil", "apart", "--subresource=status", "--type=merge", "-p",
                        R"({"spec":{"suspend":true},"status":{"phase":"Seeding"}})"});
  ASSERT_TRUE(patched.ok()) << patched.err;
  const json stored = Read(manifest);
  EXPECT_EQ(stored.at("status").at("phase"), "Seeding");
  EXPECT_EQ(stored.at("spec").at("suspend"), false);
}

}  // namespace
}  // namespace milink::test
