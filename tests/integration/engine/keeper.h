// An operator in small, on the engine's real parts: an informer, a queue, workers, and a reconciler
// that writes `status.observed = metadata.generation` of each Widget.
//
// Besides it keeps a ledger of what the informer's handlers were told, so that a test sees a lost,
// repeated or contradictory notice. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/kube/client.h"
#include "core/kube/http_transport.h"
#include "core/kube/informer.h"
#include "core/kube/watch_driver.h"
#include "core/runtime/controller.h"
#include "tests/fakes/log_collector.h"

namespace milink::test {

struct Widget {
  ObjectMeta meta;
  std::int64_t size = 0;
  std::int64_t observed = 0;  // status.observed; 0: never reconciled
};

Result<Widget> DecodeWidget(const nlohmann::json& object);

// Name -> resourceVersion.
using Versions = std::map<std::string, std::string>;

class Keeper final : public runtime::Reconciler {
 public:
  Keeper(const kube::ClusterAccess& access, const std::string& namespace_name);
  ~Keeper() override;
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // Starts watching, waits for the first list and starts the workers. False: no list in time.
  bool Start(Duration patience);

  runtime::Outcome Reconcile(const ObjectKey& key,
                             const runtime::ReconcileContext& context) override;

  const kube::Informer<Widget>& widgets() const { return widgets_; }
  Versions Cached() const;
  // What somebody knows who only listened to the handlers.
  Versions Told() const;
  // Deletions that a later list brought to light, by name.
  std::vector<std::string> MissedDeletions() const;
  // Notices that contradict the ones before, in words.
  std::vector<std::string> Contradictions() const;
  int writes() const;  // status patches that were sent
  // Nothing waits and nothing runs.
  bool Idle() const;
  // Errors of the watch so far that contain `text`.
  int WatchFailures(const std::string& text) const;

 private:
  void OnChange(const kube::Informer<Widget>::Change& change);
  void OnDelete(const kube::Informer<Widget>::Deletion& deletion);
  void Contradict(const std::string& what, const std::string& name);

  SystemClock clock_;
  std::unique_ptr<Random> random_ = MakeSeededRandom(20);
  std::shared_ptr<fakes::LogCollector> log_ = std::make_shared<fakes::LogCollector>();
  std::shared_ptr<kube::Dialer> dialer_;
  kube::HttpTransport transport_;
  kube::Client client_{transport_};
  kube::Informer<Widget> widgets_;
  runtime::WorkQueue queue_;
  runtime::Controller controller_;

  mutable std::mutex mutex_;
  Versions told_;
  std::vector<std::string> missed_;
  std::vector<std::string> contradictions_;
  std::map<std::string, std::string> written_;  // version of our last write, by name
  int writes_ = 0;

  kube::WatchDriver driver_;  // last: its thread uses all of the above
};

}  // namespace milink::test
