// The controller with the API server, its cache and one SQL Server in memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "controllers/replica/controller.h"
#include "controllers/replica/reasons.h"
#include "core/api/codec.h"
#include "core/sql/errors.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_instance_hub.h"
#include "tests/fakes/fake_object_client.h"
#include "tests/unit/replica/builders.h"

namespace milink::replica {

inline const ObjectKey kKey{"prod", "sql1"};
inline const kube::ResourceType kType{api::kGroup, api::kVersion, api::kReplicaPlural,
                                      api::kReplicaKind};

class ReplicaControllerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    objects_.PutSecret({"prod", "sql1-login"}, {{"username", "sa"}, {"password", "p1"}});
    objects_.PutSecret({"prod", "sql1-dmk"}, {{"password", "Dmk-Pa55word!"}});
    hub_.OnRun([this](const auto& call) { return Serve(call.text); });
    hub_.OnRefresh([this](const auto&, auto) { return Read(); });
    Create(nlohmann::json::object());
  }

  void Create(const nlohmann::json& spec) {
    nlohmann::json object = {
        {"apiVersion", api::kApiVersion},
        {"kind", api::kReplicaKind},
        {"metadata", {{"namespace", "prod"}, {"name", "sql1"}}},
        {"spec",
         {{"host", "sql1.corp.example"},
          {"credentialsSecretRef", {{"name", "sql1-login"}}},
          {"endpoint", {{"address", "10.0.0.4"}}},
          {"masterKey", {{"passwordSecretRef", {{"name", "sql1-dmk"}, {"key", "password"}}}}}}}};
    object["spec"].update(spec);
    objects_.Put(kType, object);
  }

  // The server: statements change what the next read shows.
  Result<sql::SqlReply> Serve(const std::string& text) {
    if (answer_) {
      return *answer_;
    }
    if (text.find("DBCC TRACEON(1800, 9567, -1)") != std::string::npos) {
      server_.properties.trace_flags = {1800, 9567};
    } else if (text.find("OPEN MASTER KEY") != std::string::npos) {
      if (text.find("Dmk-Pa55word!") == std::string::npos) {
        return sql::ErrorOf({{15313, 16, "The key is not encrypted using the specified decryptor."},
                             {15581, 16, "Please create a master key in the database."}},
                            "'OPEN MASTER KEY DECRYPTION BY PASSWORD = N'***''");
      }
      server_.master_key = {true, true};
    } else if (text.find("CREATE MASTER KEY") != std::string::npos) {
      server_.master_key = {true, true};
    } else if (text.find("DROP CERTIFICATE") != std::string::npos) {
      server_.certificates.erase(server_.certificates.begin());
    } else if (text.find("CREATE CERTIFICATE [Cert_SQL1_endpoint_2]") != std::string::npos) {
      auto next = testing::EndpointCertificate();
      next.name = CertificateName("Cert_SQL1_endpoint_2");
      next.not_after = clock_.Now() + std::chrono::hours(17'520);
      next.thumbprint = "CD34";
      server_.certificates.push_back(std::move(next));
    } else if (text.find("CERTIFICATE [Cert_SQL1_endpoint_2]") != std::string::npos) {
      server_.endpoints.front().certificate = CertificateName("Cert_SQL1_endpoint_2");
    } else if (text.find("CREATE CERTIFICATE") != std::string::npos) {
      server_.certificates = {testing::EndpointCertificate()};
    } else if (text.find("DROP ENDPOINT") != std::string::npos) {
      server_.endpoints.clear();
    } else if (text.find("CREATE ENDPOINT") != std::string::npos) {
      server_.endpoints = {testing::MirroringEndpoint()};
    }
    return sql::SqlReply{};
  }

  Result<std::shared_ptr<const sql::InstanceSnapshot>> Read() {
    if (unreachable_) {
      return *unreachable_;
    }
    ++server_.version;
    server_.read_at = clock_.Now();
    server_.slow_read_at = clock_.Now();
    return std::make_shared<const sql::InstanceSnapshot>(server_);
  }

  ReplicaCache Cache() {
    ReplicaCache cache;
    cache.find = [this](const ObjectKey& key) -> ReplicaPointer {
      if (frozen_ != nullptr) {
        return frozen_;
      }
      const auto object = objects_.Find(kType, key);
      return object ? std::make_shared<const api::SqlServerReplica>(*api::DecodeReplica(*object))
                    : nullptr;
    };
    cache.list = [this, find = cache.find] {
      std::vector<ReplicaPointer> all{find(kKey)};
      if (other_) {
        all.push_back(std::make_shared<const api::SqlServerReplica>(*other_));
      }
      return all;
    };
    cache.has_reached = [this](const ObjectKey&, const std::string&) { return cache_current_; };
    cache.count_links = [this](const ObjectKey&) { return links_; };
    cache.undecodable_links = [this](const std::string&) { return undecodable_links_; };
    cache.links = [this](const ObjectKey&) { return link_objects_; };
    return cache;
  }

  runtime::Outcome Reconcile() { return controller_.Reconcile(kKey, {}); }

  // Runs as the work queue would until nothing is to be done at once.
  runtime::Outcome Settle() {
    runtime::Outcome outcome;
    for (int i = 0; i < 50; ++i) {
      outcome = Reconcile();
      if (!outcome.status || !outcome.requeue_after ||
          *outcome.requeue_after > std::chrono::seconds(1)) {
        return outcome;
      }
    }
    ADD_FAILURE() << "did not settle";
    return outcome;
  }

  api::SqlServerReplica Stored() { return *Cache().find(kKey); }
  const api::Condition* Condition(const char* type) {
    stored_ = Stored();
    return api::FindCondition(stored_.status.conditions, type);
  }

  fakes::FakeClock clock_;
  fakes::FakeObjectClient objects_;
  fakes::FakeEventRecorder events_;
  fakes::FakeInstanceHub hub_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(7);
  sql::InstanceSnapshot server_ = testing::FreshInstance();
  std::optional<Error> unreachable_;
  std::optional<Error> answer_;
  std::optional<api::SqlServerReplica> other_;
  bool cache_current_ = true;
  ReplicaPointer frozen_;  // what the cache still shows, whatever happened since
  int links_ = 0;
  std::vector<LinkPointer> link_objects_;
  std::vector<ObjectKey> undecodable_links_;
  api::SqlServerReplica stored_;
  ReplicaController controller_{Cache(), objects_, events_, hub_, clock_, *random_};
};

}  // namespace milink::replica
