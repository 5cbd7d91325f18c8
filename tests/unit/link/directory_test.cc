#include "controllers/link/directory.h"

#include <gtest/gtest.h>

#include "core/api/codec.h"
#include "tests/gen/manifests.h"

namespace milink::link {
namespace {

class Directory : public testing::Test {
 protected:
  Directory()
      : links_("ManagedInstanceLink", api::DecodeLink, Logger()),
        replicas_("SqlServerReplica", api::DecodeReplica, Logger()),
        directory_(links_, replicas_) {}

  static nlohmann::json Link(const std::string& name, const std::string& replica,
                             const std::string& instance) {
    nlohmann::json link = milink::gen::AsStored(milink::gen::LinkManifest(name, {"sales"}));
    link["spec"]["sqlServerReplicaRef"]["name"] = replica;
    link["spec"]["managedInstance"]["name"] = instance;
    return link;
  }
  void Put(const nlohmann::json& link) { links_.parts().front().second->Upsert(link); }

  kube::InformerSet<api::ManagedInstanceLink> links_;
  kube::InformerSet<api::SqlServerReplica> replicas_;
  CachedLinkDirectory directory_;
};

TEST_F(Directory, FindsTheLinksOfAReplicaAndOfAnInstance) {
  Put(Link("a", "sql1", "mi1"));
  Put(Link("b", "sql1", "mi2"));
  Put(Link("c", "sql2", "mi1"));
  EXPECT_EQ(directory_.LinksOfReplica({"default", "sql1"}).size(), 2U);
  const auto instance = InstanceOf(*directory_.FindLink({"default", "a"}));
  EXPECT_EQ(directory_.LinksOfInstance(instance).size(), 2U);
  EXPECT_TRUE(directory_.LinksOfReplica({"elsewhere", "sql1"}).empty());
}

TEST_F(Directory, SharingLeavesTheLinkItselfOut) {
  Put(Link("a", "sql1", "mi1"));
  Put(Link("b", "sql1", "mi2"));
  Put(Link("c", "sql2", "MI1"));
  Put(Link("d", "sql2", "mi2"));
  const auto sharing = directory_.Sharing(*directory_.FindLink({"default", "a"}));
  ASSERT_EQ(sharing.size(), 2U);  // Azure's names have no case
  EXPECT_EQ(sharing[0]->meta.key.name, "b");
  EXPECT_EQ(sharing[1]->meta.key.name, "c");
}

TEST_F(Directory, NamesWhatCannotBeRead) {
  Put(Link("a", "sql1", "mi1"));
  nlohmann::json broken = Link("b", "sql1", "mi1");
  broken["spec"].erase("sqlServerReplicaRef");
  Put(broken);
  nlohmann::json replica = broken;
  replica["metadata"]["name"] = "sql1";
  replica.erase("spec");
  replicas_.parts().front().second->Upsert(replica);
  EXPECT_EQ(directory_.Undecodable("default"),
            (std::vector<std::string>{"ManagedInstanceLink b", "SqlServerReplica sql1"}));
  EXPECT_TRUE(directory_.Undecodable("elsewhere").empty());
}

TEST_F(Directory, LinksOfOneInstanceShareItWhateverTheirIdentities) {
  nlohmann::json other = Link("b", "sql2", "mi1");
  other["spec"]["managedInstance"]["cloud"] = "AzureChina";
  other["spec"]["managedInstance"]["credentials"] = {{"type", "ClientCertificate"},
                                                     {"clientId", "c"},
                                                     {"tenantId", "t"},
                                                     {"secretRef", {{"name", "login"}}}};
  Put(Link("a", "sql1", "mi1"));
  Put(other);
  const LinkPointer a = directory_.FindLink({"default", "a"});
  const LinkPointer b = directory_.FindLink({"default", "b"});
  EXPECT_EQ(directory_.Sharing(*a).size(), 1U);
  EXPECT_EQ(InstanceOf(*a).identity, azure::IdentityRef());
  EXPECT_EQ(InstanceOf(*b).cloud, "AzureChina");
  EXPECT_EQ(InstanceOf(*b).identity, (azure::IdentityRef{azure::IdentityKind::kClientCertificate,
                                                         "c", "t", "default", "login"}));
}

// Two namespaces that name the same identity without a Secret are one identity.
TEST_F(Directory, AnIdentityWithoutSecretBelongsToNoNamespace) {
  nlohmann::json link = Link("a", "sql1", "mi1");
  link["spec"]["managedInstance"]["credentials"] = {{"type", "ManagedIdentity"}};
  Put(link);
  EXPECT_EQ(InstanceOf(*directory_.FindLink({"default", "a"})).identity,
            (azure::IdentityRef{.kind = azure::IdentityKind::kManagedIdentity}));
}

TEST_F(Directory, ForgetsADeletedLink) {
  Put(Link("a", "sql1", "mi1"));
  links_.parts().front().second->Remove(Link("a", "sql1", "mi1"));
  EXPECT_TRUE(directory_.LinksOfReplica({"default", "sql1"}).empty());
  EXPECT_EQ(directory_.FindLink({"default", "a"}), nullptr);
}

TEST_F(Directory, AReplayTellsNothingNew) {
  Put(Link("a", "sql1", "mi1"));
  Put(Link("b", "sql1", "mi1"));
  links_.parts().front().second->Replay();
  EXPECT_EQ(directory_.LinksOfReplica({"default", "sql1"}).size(), 2U);
  links_.parts().front().second->Remove(Link("a", "sql1", "mi1"));
  links_.parts().front().second->Remove(Link("b", "sql1", "mi1"));
  EXPECT_TRUE(directory_.LinksOfReplica({"default", "sql1"}).empty());
}

TEST_F(Directory, ForgetsALinkWhoseLastStateNamesAnotherReplica) {
  Put(Link("a", "sql1", "mi1"));
  links_.parts().front().second->Remove(Link("a", "sql2", "mi2"));
  EXPECT_TRUE(directory_.LinksOfReplica({"default", "sql1"}).empty());
}

TEST_F(Directory, FollowsALinkThatCameBackWithAnotherReplica) {
  Put(Link("a", "sql1", "mi1"));
  nlohmann::json again = Link("a", "sql2", "mi1");
  again["metadata"]["uid"] = "another";
  again["metadata"]["resourceVersion"] = "2";
  Put(again);
  EXPECT_TRUE(directory_.LinksOfReplica({"default", "sql1"}).empty());
  EXPECT_EQ(directory_.LinksOfReplica({"default", "sql2"}).size(), 1U);
}

}  // namespace
}  // namespace milink::link
