#include "controllers/link/plan/network_verdict.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "controllers/link/reasons.h"
#include "core/azure/security_rules.h"
#include "core/base/text.h"

namespace milink::link {
namespace {

constexpr int kInstancePort = 5022;
constexpr int kFirstRedirectPort = 11'000;
constexpr int kLastRedirectPort = 11'999;
constexpr std::size_t kRecordLimit = 2048;  // of the CRD

enum class Way { kOpen, kClosed, kUntried };

class Judgement {
 public:
  Judgement(const NetworkRun& run, const NetworkScene& scene)
      : run_(run), scene_(scene), rules_(run.Ended(NetworkProbe::kRules)) {}

  api::ManagedInstanceLinkStatus::NetworkTest Make() {
    const Way there = JudgeWayThere();
    const Way back = JudgeWayBack();
    JudgeRules(there, back);
    JudgeAddresses(there == Way::kOpen && back == Way::kOpen);
    TellWhatIsLeft(NetworkProbe::kRemoveFromSqlServer, "SQL Server");
    TellWhatIsLeft(NetworkProbe::kRemoveFromInstance, scene_.instance);
    return Finish();
  }

 private:
  void Fail(std::string reason, std::string text) {
    if (reason_.empty()) reason_ = std::move(reason);
    failures_.push_back(std::move(text));
  }
  void Miss(std::string text) { missing_.push_back(std::move(text)); }

  std::string Subnet() const {
    if (rules_ == nullptr || rules_->subnet.prefixes.empty()) return "the whole subnet";
    return "the whole subnet " + Join(rules_->subnet.prefixes, ", ");
  }
  std::string Server() const {
    return fmt::format("{}:{}", scene_.sql_server.host, scene_.sql_server.port);
  }

  // Why a job did not tell; empty when it ran to its end.
  static std::string Hindrance(const NetworkOutcome& outcome, const std::string& side) {
    if (outcome.error.has_value()) return outcome.error->message;
    switch (outcome.job.state) {
      case sql::NetworkJobState::kFinished:
        return {};
      case sql::NetworkJobState::kNoRight:
        return fmt::format(
            "the login on {} is no member of sysadmin, and only such may run PowerShell in a job",
            side);
      case sql::NetworkJobState::kAgentStopped:
        return "SQL Server Agent is stopped; start it";
      case sql::NetworkJobState::kNameTaken:
        return fmt::format(
            "msdb of {} has a job milink-network-test-.. that the operator did not "
            "make; drop it",
            side);
      case sql::NetworkJobState::kTimedOut:
        return "the job did not end in time; look at SQL Server Agent's log";
      case sql::NetworkJobState::kRemoved:
        return "the job was removed while it ran";
    }
    return {};
  }

  Way JudgeWayThere() {
    const bool direct = !scene_.can_run_jobs;
    const NetworkOutcome* outcome =
        run_.Ended(direct ? NetworkProbe::kDirect : NetworkProbe::kToInstance);
    if (outcome == nullptr) return Way::kUntried;
    if (const std::string why = Hindrance(*outcome, "SQL Server"); !why.empty()) {
      Miss(fmt::format("the way from SQL Server to {} could not be tried: {}", scene_.instance,
                       why));
      return Way::kUntried;
    }
    Way way = Way::kOpen;
    const std::vector<sql::NetworkTarget> targets = TargetsThere();
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const sql::NetworkTrial trial =
          i < outcome->job.trials.size() ? outcome->job.trials[i] : sql::NetworkTrial{};
      way = std::max(way, JudgeTrial(targets[i], trial, direct));
    }
    if (direct && way == Way::kOpen) {
      notes_.emplace_back(
          "tried from the operator, since SQL Server on Linux has no PowerShell jobs");
    }
    return way;
  }

  std::vector<sql::NetworkTarget> TargetsThere() {
    std::vector<sql::NetworkTarget> targets{{scene_.fqdn, kInstancePort}};
    const NetworkOutcome* node = run_.Ended(NetworkProbe::kNode);
    if (node != nullptr && node->node.has_value()) {
      targets.push_back(*node->node);
    } else if (node != nullptr) {
      Miss(fmt::format(
          "the redirect port of {}'s node is not known: {}", scene_.instance,
          node->error.has_value() ? node->error->message : "the instance does not tell it"));
    }
    return targets;
  }

  Way JudgeTrial(const sql::NetworkTarget& target, const sql::NetworkTrial& trial, bool direct) {
    const std::string place = fmt::format("{}:{}", target.host, target.port);
    if (!trial.connected.has_value()) {
      Miss(fmt::format("the job said nothing about {}", place));
      return Way::kUntried;
    }
    if (*trial.connected) {
      CheckAddress(target.host, trial.remote_address);
      return Way::kOpen;
    }
    if (direct) {
      Miss(
          fmt::format("SQL Server on Linux has no PowerShell jobs, and the operator itself cannot "
                      "reach {}; make sure that SQL Server can: TCP 5022 and 11000-11999 to {}",
                      place, Subnet()));
      return Way::kUntried;
    }
    Fail(reason::kInstanceNotReached,
         fmt::format("SQL Server cannot reach {}; let the firewalls of its host and network pass "
                     "TCP 5022 and 11000-11999 to {} of {}, and the network security group of "
                     "that subnet let them in from {}",
                     place, Subnet(), scene_.instance, scene_.sql_server.host));
    return Way::kClosed;
  }

  void CheckAddress(const std::string& host, const std::string& address) {
    if (rules_ == nullptr || rules_->subnet.prefixes.empty()) return;
    if (!azure::InRange(address, address)) return;  // none, or no IPv4 address
    const bool inside =
        std::any_of(rules_->subnet.prefixes.begin(), rules_->subnet.prefixes.end(),
                    [&](const std::string& prefix) { return azure::InRange(prefix, address); });
    if (inside) return;
    Fail(reason::kAddressOutsideSubnet,
         fmt::format("{} leads to {}, which is not in the subnet {} of {}; correct the name "
                     "resolution of SQL Server",
                     host, address, Join(rules_->subnet.prefixes, ", "), scene_.instance));
  }

  Way JudgeWayBack() {
    if (!scene_.has_login) {
      Miss(
          fmt::format("the way from {} to SQL Server and the redirect port of its node were not "
                      "tried: that takes a T-SQL login on the managed instance; name one in "
                      "spec.managedInstance.sqlCredentialsSecretRef",
                      scene_.instance));
      return Way::kUntried;
    }
    const NetworkOutcome* outcome = run_.Ended(NetworkProbe::kToSqlServer);
    if (outcome == nullptr) return Way::kUntried;  // said with the node
    std::string why = Hindrance(*outcome, scene_.instance);
    if (why.empty() &&
        (outcome->job.trials.empty() || !outcome->job.trials.front().connected.has_value())) {
      why = "the job said nothing";
    }
    if (!why.empty()) {
      Miss(fmt::format("the way from {} to SQL Server could not be tried: {}", scene_.instance,
                       why));
      return Way::kUntried;
    }
    if (*outcome->job.trials.front().connected) return Way::kOpen;
    Fail(reason::kSqlServerNotReached,
         fmt::format("{} cannot reach SQL Server at {}; let the firewalls of its host and network "
                     "let TCP {} in from {} of the managed instance, and the network security "
                     "groups on the way pass it",
                     scene_.instance, Server(), scene_.sql_server.port, Subnet()));
    return Way::kClosed;
  }

  void JudgeRules(Way there, Way back) {
    if (rules_ == nullptr) return;
    if (rules_->error.has_value()) {
      const bool denied = rules_->error->kind == ErrorKind::kUnauthorized;
      notes_.push_back(
          denied ? "the security rules of the subnet were not read: the identity lacks "
                   "Microsoft.Network/virtualNetworks/subnets/read or "
                   "Microsoft.Network/networkSecurityGroups/read"
                 : "the security rules of the subnet could not be read: " + rules_->error->message);
      return;
    }
    if (!rules_->group.has_value()) return;
    using enum azure::RuleDirection;
    JudgePorts(kInbound, kInstancePort, kInstancePort, there);
    JudgePorts(kInbound, kFirstRedirectPort, kLastRedirectPort, there);
    JudgePorts(kOutbound, scene_.sql_server.port, scene_.sql_server.port, back);
  }

  void JudgePorts(azure::RuleDirection direction, int first, int last, Way way) {
    const auto verdict = azure::Judge(*rules_->group, {.direction = direction,
                                                       .subnet = rules_->subnet.prefixes,
                                                       .peer = scene_.sql_server.host,
                                                       .first_port = first,
                                                       .last_port = last});
    if (verdict.effect == azure::RuleEffect::kAllowed) return;
    const std::string what = fmt::format(
        "TCP {} {} {}",
        first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last),
        direction == azure::RuleDirection::kInbound ? "from" : "to", scene_.sql_server.host);
    if (verdict.effect == azure::RuleEffect::kUnsure) {
      if (way != Way::kOpen) TellUnsure(verdict.rule, what);
      return;
    }
    std::string text = fmt::format(
        "rule {} of network security group {} denies {}; add a rule before it that allows this",
        verdict.rule, rules_->group->name, what);
    // What was tried is stronger than what was read, as far as it goes.
    if (way == Way::kOpen && first == last) {
      notes_.push_back(std::move(text));
    } else {
      Fail(reason::kSecurityRuleDenies, std::move(text));
    }
  }

  void TellUnsure(const std::string& rule, const std::string& what) {
    notes_.push_back(
        rule.empty()
            ? fmt::format("no rule of network security group {} decides on {}", rules_->group->name,
                          what)
            : fmt::format("whether network security group {} allows {} hangs on its rule {}, and "
                          "whom or what that one names is not known here; make sure that it does",
                          rules_->group->name, what, rule));
  }

  // As the managed instance dials it; where that is a name, as SQL Server itself sees it. Empty:
  // not known.
  std::string ServerAddress() const {
    const std::string& host = scene_.sql_server.host;
    if (azure::InRange(host, host)) return host;
    const NetworkOutcome* outcome = run_.Ended(NetworkProbe::kToInstance);
    return outcome == nullptr ? std::string() : outcome->job.server_address;
  }

  // Overlapping ranges explain why a way is closed. What was seen open on both is stronger.
  void JudgeAddresses(bool both_open) {
    if (rules_ == nullptr) return;
    const std::string address = ServerAddress();
    for (const std::string& prefix : rules_->subnet.prefixes) {
      if (!azure::InRange(prefix, address)) continue;
      std::string text = fmt::format(
          "SQL Server's address {} lies in the subnet {} of {}; the ranges of the two networks "
          "must "
          "not overlap",
          address, prefix, scene_.instance);
      if (both_open) {
        notes_.push_back("warning: " + text + ", though both ways are open now");
      } else {
        Fail(reason::kAddressesOverlap, std::move(text));
      }
    }
  }

  void TellWhatIsLeft(NetworkProbe removal, const std::string& place) {
    const NetworkOutcome* outcome = run_.Ended(removal);
    if (outcome == nullptr || !outcome->error.has_value()) return;
    notes_.push_back(
        fmt::format("a job milink-network-test-.. may be left in msdb of {}; the next test removes "
                    "it, which could not be done now: {}",
                    place, outcome->error->message));
  }

  api::ManagedInstanceLinkStatus::NetworkTest Finish() {
    api::ManagedInstanceLinkStatus::NetworkTest record;
    record.request = run_.request;
    std::vector<std::string> texts;
    const auto add = [&](const std::vector<std::string>& more) {
      texts.insert(texts.end(), more.begin(), more.end());
    };
    if (!failures_.empty()) {
      record.state = "Failed";
      record.reason = reason_;
    } else if (!missing_.empty()) {
      record.state = "Incomplete";
      record.reason = reason::kNetworkTestIncomplete;
    } else {
      record.state = "Passed";
      record.reason = reason::kSucceeded;
      texts.emplace_back("the two sides reach each other");
    }
    add(failures_);
    add(missing_);
    add(notes_);
    if (record.state != "Passed") {
      texts.push_back(fmt::format("to test again, give the annotation {} another value",
                                  "milink.dev/test-network"));
    }
    record.message = Shorten(Join(texts, "; "), kRecordLimit);
    return record;
  }

  const NetworkRun& run_;
  const NetworkScene& scene_;
  const NetworkOutcome* rules_;  // null: not read
  std::string reason_;           // of the first failure
  std::vector<std::string> failures_;
  std::vector<std::string> missing_;
  std::vector<std::string> notes_;
};

}  // namespace

api::ManagedInstanceLinkStatus::NetworkTest JudgeNetwork(const NetworkRun& run,
                                                         const NetworkScene& scene) {
  return Judgement(run, scene).Make();
}

}  // namespace milink::link
