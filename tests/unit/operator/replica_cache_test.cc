#include "operator/replica_cache.h"

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/test_certificates.h"
#include "tests/gen/manifests.h"

namespace milink::app {
namespace {

const ObjectKey kSql1{"default", "sql1"};

class ReplicaCacheTest : public ::testing::Test {
 protected:
  void Put(auto& informers, nlohmann::json object) {
    object["metadata"]["uid"] = "uid-" + object["metadata"]["name"].get<std::string>();
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    informers.parts().front().second->Upsert(object);
  }

  const std::string path_ = ::testing::TempDir() + "replica_cache_roots.pem";
  fakes::FakeClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(1);
  runtime::WorkQueue queue_{clock_, *random_};
  Objects objects_{{queue_, queue_, queue_}, {}, Logger()};
  std::unique_ptr<TrustedRoots> roots_ = *TrustedRoots::Make("", clock_, Logger());
  int version_ = 10;
};

TEST_F(ReplicaCacheTest, ShowsReplicasAndTheVersionsThatItHasSeen) {
  const auto cache = ReplicaCacheOf(objects_, *roots_);
  EXPECT_EQ(cache.find(kSql1), nullptr);
  EXPECT_FALSE(cache.has_reached(kSql1, "11"));
  Put(objects_.replicas, gen::ReplicaManifest("sql1"));
  ASSERT_NE(cache.find(kSql1), nullptr);
  EXPECT_EQ(cache.find(kSql1)->meta.uid, "uid-sql1");
  EXPECT_TRUE(cache.has_reached(kSql1, "11"));
  EXPECT_FALSE(cache.has_reached(kSql1, "12"));
  Put(objects_.replicas, gen::ReplicaManifest("sql2"));
  EXPECT_EQ(cache.list().size(), 2U);
}

TEST_F(ReplicaCacheTest, ShowsTheLinksOfAReplicaAndThoseThatCannotBeRead) {
  const auto cache = ReplicaCacheOf(objects_, *roots_);
  Put(objects_.links, gen::LinkManifest("shop", {"sales"}));
  EXPECT_EQ(cache.count_links(kSql1), 1);
  ASSERT_EQ(cache.links(kSql1).size(), 1U);
  EXPECT_EQ(cache.links(kSql1).front()->meta.key.name, "shop");
  EXPECT_EQ(cache.count_links({"default", "sql2"}), 0);
  auto unreadable = gen::LinkManifest("other", {"sales"});
  unreadable["spec"].erase("sqlServerReplicaRef");
  Put(objects_.links, unreadable);
  EXPECT_EQ(cache.undecodable_links("default"), (std::vector<ObjectKey>{{"default", "other"}}));
  EXPECT_TRUE(cache.undecodable_links("prod").empty());
}

TEST_F(ReplicaCacheTest, WhoLooksForAReplicaHasTheRootsLookedAt) {
  std::ofstream(path_) << fakes::MakeTestCertificates("DNS:localhost").ca_pem;
  roots_ = *TrustedRoots::Make(path_, clock_, Logger());
  int changes = 0;
  roots_->OnChange([&] { ++changes; });
  const auto cache = ReplicaCacheOf(objects_, *roots_);
  std::ofstream(path_) << fakes::MakeTestCertificates("DNS:localhost").ca_pem;
  clock_.Step(std::chrono::seconds(60));
  cache.find(kSql1);
  EXPECT_EQ(changes, 1);
  std::remove(path_.c_str());
}

}  // namespace
}  // namespace milink::app
