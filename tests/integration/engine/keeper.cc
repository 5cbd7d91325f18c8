#include "tests/integration/engine/keeper.h"

#include <stdexcept>
#include <utility>

#include "tests/integration/engine/engine_test.h"

namespace milink::test {
namespace {

constexpr int kWorkers = 8;
// A test does not wait half a minute for the next attempt; the rules are the same.
constexpr BackoffPolicy kWatchBackoff{Duration(20), Duration(500), 2.0, 1.0};

std::shared_ptr<kube::Dialer> Dial(const kube::ClusterAccess& access, const Clock& clock,
                                   const Logger& log) {
  auto dialer = kube::Dialer::Make(access, "milink-operator/test", clock, log);
  if (!dialer.ok()) {
    throw std::runtime_error(ToString(dialer.error()));
  }
  return *std::move(dialer);
}

kube::ListWatchOptions WatchOptions() {
  kube::ListWatchOptions options;
  options.backoff = kWatchBackoff;
  return options;
}

}  // namespace

Result<Widget> DecodeWidget(const nlohmann::json& object) {
  auto meta = ParseObjectMeta(object);
  if (!meta.ok()) {
    return meta.error();
  }
  const auto status = object.find("status");
  return Widget{*std::move(meta), object.at("spec").at("size").get<std::int64_t>(),
                status == object.end() ? 0 : status->value("observed", std::int64_t{0})};
}

Keeper::Keeper(const kube::ClusterAccess& access, const std::string& namespace_name)
    : dialer_(Dial(access, clock_, Logger(log_))),
      transport_(dialer_, clock_, Logger(log_)),
      widgets_("Widget", DecodeWidget, Logger(log_)),
      queue_(clock_, *random_),
      controller_({"keeper", "Widget", kWorkers}, queue_, *this, Logger(), {}, clock_, *random_),
      driver_(dialer_, clock_, *random_, Logger(log_), WatchOptions()) {
  kube::Informer<Widget>::Handler handler;
  handler.on_change = [this](const auto& change) { OnChange(change); };
  handler.on_delete = [this](const auto& deletion) { OnDelete(deletion); };
  widgets_.AddHandler(std::move(handler));
  driver_.Add({kWidgetType, namespace_name, "", ""}, widgets_);
}

Keeper::~Keeper() {
  driver_.Stop();
  transport_.Shutdown();
  controller_.Stop(Duration::zero());
}

bool Keeper::Start(Duration patience) {
  driver_.Start();
  if (!widgets_.WaitSynced(patience)) {
    return false;
  }
  controller_.Start();
  return true;
}

runtime::Outcome Keeper::Reconcile(const ObjectKey& key,
                                   const runtime::ReconcileContext& /*context*/) {
  const auto widget = widgets_.Get(key);
  if (!widget || widget->observed == widget->meta.generation) {
    return runtime::Outcome::Success();
  }
  std::string own_write;
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = written_.find(key.name); it != written_.end()) {
      own_write = it->second;
    }
  }
  if (!own_write.empty() && !widgets_.HasReached(key, own_write)) {
    return runtime::Outcome::RequeueAfter(Duration(20));
  }
  const auto written =
      client_.MergeStatus(kWidgetType, key, "keeper", widget->meta.resource_version,
                          {{"observed", widget->meta.generation}});
  const std::lock_guard lock(mutex_);
  ++writes_;
  if (written.ok()) {
    written_[key.name] = VersionOf(*written);
    return runtime::Outcome::Success();
  }
  // Gone: the watch will tell.
  return written.error().kind == ErrorKind::kNotFound ? runtime::Outcome::Success()
                                                      : runtime::Outcome::Failure(written.error());
}

void Keeper::OnChange(const kube::Informer<Widget>::Change& change) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = told_.find(change.key.name);
    if (change.before
            ? known == told_.end() || known->second != change.before->meta.resource_version
            : known != told_.end()) {
      Contradict(change.before ? "changed from another state than told" : "added twice",
                 change.key.name);
    }
    told_[change.key.name] = change.after->meta.resource_version;
  }
  queue_.Forget(change.key);
  queue_.Add(change.key);
}

void Keeper::OnDelete(const kube::Informer<Widget>::Deletion& deletion) {
  {
    const std::lock_guard lock(mutex_);
    if (told_.erase(deletion.key.name) == 0) {
      Contradict("deleted though never told of", deletion.key.name);
    }
    if (deletion.was_missed) {
      missed_.push_back(deletion.key.name);
    }
  }
  queue_.Add(deletion.key);
}

void Keeper::Contradict(const std::string& what, const std::string& name) {
  contradictions_.push_back(name + ": " + what);
}

Versions Keeper::Cached() const {
  Versions all;
  for (const auto& widget : widgets_.List()) {
    all[widget->meta.key.name] = widget->meta.resource_version;
  }
  return all;
}

Versions Keeper::Told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

std::vector<std::string> Keeper::MissedDeletions() const {
  const std::lock_guard lock(mutex_);
  return missed_;
}

std::vector<std::string> Keeper::Contradictions() const {
  const std::lock_guard lock(mutex_);
  return contradictions_;
}

int Keeper::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

bool Keeper::Idle() const {
  const auto stats = queue_.Stats();
  return stats.ready_by_priority.empty() && stats.delayed == 0 && stats.running == 0;
}

int Keeper::WatchFailures(const std::string& text) const {
  int count = 0;
  for (const auto& line : log_->Lines("A watch failed")) {
    count += line.Field("error").find(text) != std::string::npos ? 1 : 0;
  }
  return count;
}

}  // namespace milink::test
