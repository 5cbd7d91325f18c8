#include "controllers/link/live_check.h"

#include <functional>

#include <gtest/gtest.h>

#include "controllers/link/reasons.h"
#include "tests/fakes/fake_managed_instance_api.h"
#include "tests/unit/link/builders.h"

namespace milink::link {
namespace {

using fakes::FakeManagedInstanceApi;

const azure::ManagedInstanceRef kLookedAt{"sub", "rg", "sqlmi1"};

const Step kDeleteCertificate = DeleteTrustCertificate{"Cert", "AA"};
const Step kDropLink = DeleteLink{DatabaseName("sales"), GroupName("DAG_sales"),
                                  GroupName("AG_sales"), GroupName("AG_sales_MI"), "Secondary"};

struct LookRow {
  const char* name;
  Step step;
  std::function<void(FakeManagedInstanceApi&)> arrange;
  const char* reason;  // empty: it may go
  const char* text;
  bool gone = false;
};

std::vector<LookRow> LookRows() {
  const auto nothing = [](FakeManagedInstanceApi&) {};
  const Error down{ErrorKind::kTransient, "ConnectionFailed", "down", ""};
  return {
      {"the certificate that was decided on may go", kDeleteCertificate, nothing, "", ""},
      {"another one of its name stays", kDeleteCertificate,
       [](auto& api) { api.trust_certificates.front().thumbprint = "EE"; }, reason::kLeftInPlace,
       "thumbprint EE, not AA"},
      {"one that is gone is told from that", kDeleteCertificate,
       [](auto& api) { api.trust_certificates.clear(); }, "ResourceNotFound", "", true},
      {"one that cannot be read stays", kDeleteCertificate,
       [down](auto& api) { api.fail_reads = down; }, "ConnectionFailed", ""},
      {"an instance that is gone says nothing of it", kDeleteCertificate,
       [](auto& api) {
         api.fail_reads =
             Error{ErrorKind::kNotFound, reason::kManagedInstanceNotFound, "no instance", ""};
       },
       reason::kManagedInstanceNotFound, ""},
      {"the link that was decided on may go", kDropLink, nothing, "", ""},
      {"a bare link of the same groups is the same", kDropLink,
       [](auto& api) { api.links.front().databases.clear(); }, "", ""},
      {"a link of another group of SQL Server stays", kDropLink,
       [](auto& api) { api.links.front().partner_group = GroupName("AG_theirs"); },
       reason::kLeftInPlace, "another link"},
      {"a link of another group of the instance stays", kDropLink,
       [](auto& api) { api.links.front().instance_group = GroupName("AG_theirs"); },
       reason::kLeftInPlace, "another link"},
      {"a link of another database stays", kDropLink,
       [](auto& api) { api.links.front().databases.front().name = "theirs"; }, reason::kLeftInPlace,
       "another link"},
      {"a link whose roles were changed stays", kDropLink,
       [](auto& api) { api.links.front().instance_role = "Primary"; }, reason::kLeftInPlace,
       "is Primary now, not Secondary"},
      {"a link that is gone is told from that", kDropLink, [](auto& api) { api.links.clear(); },
       "ResourceNotFound", "", true},
  };
}

TEST(LiveCheck, OnlyWhatWasDecidedOnIsTakenAway) {
  for (const LookRow& row : LookRows()) {
    SCOPED_TRACE(row.name);
    FakeManagedInstanceApi api;
    api.trust_certificates = {{"Cert", "der", "AA"}};
    api.links = {gen::AzureLink("sales")};
    row.arrange(api);
    const Status same = CheckInAzure(api, kLookedAt, row.step);
    EXPECT_EQ(api.reads, 1);
    ASSERT_EQ(same.ok(), std::string(row.reason).empty());
    if (same.ok()) continue;
    EXPECT_EQ(same.error().reason, row.reason);
    EXPECT_NE(same.error().message.find(row.text), std::string::npos) << same.error().message;
    EXPECT_EQ(IsGone(same.error()), row.gone);
  }
}

TEST(LiveCheck, WhatTakesNothingAwayCostsNoRequest) {
  FakeManagedInstanceApi api;
  EXPECT_TRUE(CheckInAzure(api, kLookedAt, UploadCertificate{"Cert", "der", "AA"}).ok());
  EXPECT_TRUE(CheckInAzure(api, kLookedAt, CreateLink{}).ok());
  EXPECT_EQ(api.reads, 0);
}

}  // namespace
}  // namespace milink::link
