#include "controllers/replica/target.h"

#include <gtest/gtest.h>

#include "controllers/replica/reasons.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {
namespace {

class TargetReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    objects_.PutSecret({"prod", "sql1-login"}, {{"username", "sa"}, {"password", "p1"}});
  }

  fakes::FakeClock clock_;
  fakes::FakeObjectClient objects_;
  TargetReader reader_{objects_, clock_};
  api::SqlServerReplica replica_ = testing::Replica();
};

TEST_F(TargetReaderTest, SecretAndSpecMakeATarget) {
  const auto target = reader_.Read(replica_);
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->target.host, "sql1.corp.example");
  EXPECT_EQ(target->target.user, "sa");
  EXPECT_EQ(target->target.password.Reveal(), "p1");
  EXPECT_EQ(target->target.tls, sql::TlsMode::kMandatory);
  EXPECT_FALSE(target->target.ca_pem.has_value());
}

TEST_F(TargetReaderTest, AMissingSecretIsNamedWithFieldAndRemedy) {
  replica_.spec.credentials_secret = "absent";
  const auto target = reader_.Read(replica_);
  ASSERT_FALSE(target.ok());
  EXPECT_EQ(target.error().reason, reason::kSecretNotFound);
  EXPECT_NE(target.error().message.find("prod/absent"), std::string::npos);
  EXPECT_NE(target.error().message.find("spec.credentialsSecretRef"), std::string::npos);
}

TEST_F(TargetReaderTest, ASecretThatMayNotBeReadIsNamedAndKeepsTheKindOfItsError) {
  objects_.Fail([](const auto& call) { return call.verb == "GetSecret"; },
                {ErrorKind::kUnauthorized, "Forbidden", "secrets is forbidden", ""}, 1);
  const auto target = reader_.Read(replica_);
  ASSERT_FALSE(target.ok());
  EXPECT_EQ(target.error().reason, reason::kReferenceUnreadable);
  EXPECT_EQ(target.error().kind, ErrorKind::kUnauthorized);
  EXPECT_NE(target.error().message.find("prod/sql1-login"), std::string::npos);
  EXPECT_NE(target.error().message.find("secrets is forbidden"), std::string::npos);
}

TEST_F(TargetReaderTest, AMissingOrEmptyKeyIsNamed) {
  objects_.PutSecret({"prod", "sql1-login"}, {{"username", "sa"}, {"password", ""}});
  const auto target = reader_.Read(replica_);
  ASSERT_FALSE(target.ok());
  EXPECT_EQ(target.error().reason, reason::kSecretKeyMissing);
  EXPECT_NE(target.error().message.find("password"), std::string::npos);
}

TEST_F(TargetReaderTest, TheAuthorityComesFromASecretOrAConfigMap) {
  objects_.PutConfigMap({"prod", "corp-ca"}, {{"ca.crt", "PEM-1"}});
  objects_.PutSecret({"prod", "corp-ca"}, {{"ca.crt", "PEM-2"}});
  replica_.spec.tls.ca = {"ConfigMap", "corp-ca", "ca.crt"};
  EXPECT_EQ(reader_.Read(replica_)->target.ca_pem, "PEM-1");
  replica_.spec.tls.ca = {"Secret", "corp-ca", "ca.crt"};
  replica_.meta.generation += 1;
  EXPECT_EQ(reader_.Read(replica_)->target.ca_pem, "PEM-2");
  replica_.spec.tls.ca = {"ConfigMap", "absent", "ca.crt"};
  replica_.meta.generation += 1;
  EXPECT_EQ(reader_.Read(replica_).error().reason, reason::kConfigMapNotFound);
}

TEST_F(TargetReaderTest, ASecretIsReadAgainInEveryPassOrAtOnceWhenAskedFor) {
  EXPECT_TRUE(reader_.Read(replica_)->changed);
  objects_.PutSecret({"prod", "sql1-login"}, {{"username", "sa"}, {"password", "p2"}});
  clock_.Step(std::chrono::seconds(20));
  EXPECT_EQ(reader_.Read(replica_)->target.password.Reveal(), "p1");
  const auto now = reader_.ReadNow(replica_);
  EXPECT_EQ(now->target.password.Reveal(), "p2");
  EXPECT_TRUE(now->changed);
  EXPECT_FALSE(reader_.ReadNow(replica_)->changed);
  objects_.PutSecret({"prod", "sql1-login"}, {{"username", "sa"}, {"password", "p3"}});
  clock_.Step(std::chrono::seconds(25));
  EXPECT_EQ(reader_.Read(replica_)->target.password.Reveal(), "p3");
}

TEST_F(TargetReaderTest, AnotherAuthorityIsAChange) {
  objects_.PutConfigMap({"prod", "corp-ca"}, {{"ca.crt", "PEM-1"}});
  replica_.spec.tls.ca = {"ConfigMap", "corp-ca", "ca.crt"};
  ASSERT_TRUE(reader_.Read(replica_).ok());
  objects_.PutConfigMap({"prod", "corp-ca"}, {{"ca.crt", "PEM-2"}});
  clock_.Step(std::chrono::seconds(25));
  const auto reading = reader_.Read(replica_);
  EXPECT_EQ(reading->target.ca_pem, "PEM-2");
  EXPECT_TRUE(reading->changed);
}

TEST_F(TargetReaderTest, WithoutAnAnswerTheLastReadingServesForTheSameSpec) {
  ASSERT_TRUE(reader_.Read(replica_).ok());
  objects_.Fail([](const auto&) { return true; },
                {ErrorKind::kTransient, "ServerUnreachable", "no answer", ""}, 2);
  clock_.Step(std::chrono::hours(1));
  const auto reading = reader_.Read(replica_);
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(reading->target.password.Reveal(), "p1");
  replica_.meta.generation += 1;
  EXPECT_FALSE(reader_.Read(replica_).ok()) << "another spec may name another Secret";
}

TEST_F(TargetReaderTest, ARefusalIsToldAndTheLastReadingServesForSomeMinutes) {
  ASSERT_TRUE(reader_.Read(replica_).ok());
  objects_.Fail([](const auto&) { return true; },
                {ErrorKind::kUnauthorized, "Forbidden", "secrets is forbidden", ""}, 1'000);
  clock_.Step(kRefusalPatience - std::chrono::seconds(1));
  const auto reading = reader_.Read(replica_);
  ASSERT_TRUE(reading.ok());
  EXPECT_EQ(reading->target.password.Reveal(), "p1");
  EXPECT_FALSE(reading->changed);
  EXPECT_EQ(reading->refusal->reason, reason::kReferenceUnreadable);
  clock_.Step(std::chrono::seconds(1));
  EXPECT_EQ(reader_.Read(replica_).error().kind, ErrorKind::kUnauthorized);
  clock_.Step(std::chrono::seconds(1));
  EXPECT_FALSE(reader_.Read(replica_).ok()) << "it is not remembered again";
}

TEST_F(TargetReaderTest, AfterARefusalAnotherSpecIsNotServedByMemory) {
  ASSERT_TRUE(reader_.Read(replica_).ok());
  objects_.Fail([](const auto&) { return true; },
                {ErrorKind::kUnauthorized, "Forbidden", "secrets is forbidden", ""});
  replica_.meta.generation += 1;
  EXPECT_FALSE(reader_.Read(replica_).ok());
}

TEST_F(TargetReaderTest, ASecretThatIsGoneIsNotReplacedByMemory) {
  ASSERT_TRUE(reader_.Read(replica_).ok());
  objects_.Fail([](const auto&) { return true; }, {ErrorKind::kNotFound, "NotFound", "gone", ""});
  EXPECT_EQ(reader_.ReadNow(replica_).error().reason, reason::kSecretNotFound);
}

TEST_F(TargetReaderTest, TheMasterKeysPasswordIsReadWhenItIsNeeded) {
  replica_.spec.master_key_password = {"Secret", "dmk", "password"};
  EXPECT_EQ(reader_.MasterKeyPassword(replica_).error().reason, reason::kSecretNotFound);
  objects_.PutSecret({"prod", "dmk"}, {{"password", "S3cret!"}});
  EXPECT_EQ(reader_.MasterKeyPassword(replica_)->Reveal(), "S3cret!");
}

}  // namespace
}  // namespace milink::replica
