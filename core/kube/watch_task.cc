#include "core/kube/watch_task.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/text.h"
#include "core/kube/api_status.h"
#include "core/kube/retry.h"

namespace milink::kube {
namespace {

// What is read of a refusal; a Status is shorter.
constexpr std::size_t kRefusalLimit = 64U << 10U;

ListQuery QueryOf(const WatchSpec& spec) {
  ListQuery query;
  query.namespace_name = spec.namespace_name;
  query.label_selector = spec.label_selector;
  query.field_selector = spec.field_selector;
  return query;
}

ListWatchOptions OptionsFor(ListWatchOptions options, const WatchSpec& spec) {
  options.kind = spec.type.kind;
  return options;
}

bool IsPowerOfTwo(std::uint64_t n) { return (n & (n - 1)) == 0; }

// A proxy's page says that it is one.
bool MayBeJson(const HttpHead& head) {
  const auto type = head.headers.find("content-type");
  return type == head.headers.end() || ToLowerAscii(type->second).starts_with("application/json");
}

Status CheckSince(const WatchHealth& health, MonotonicTime since, MonotonicTime now,
                  Duration window) {
  // The machine cuts a stream at its end; longer than that means that nobody drives the machine.
  constexpr Duration kLongestSilence = std::chrono::seconds(605);
  const Duration limit = health.watching ? std::max(window, kLongestSilence) : window;
  if (now - since <= limit) {
    return OkStatus();
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - since);
  return Error{ErrorKind::kTransient, "WatchStale",
               "the watch of " + NameOf(health.spec) + " has learned nothing for " +
                   std::to_string(seconds.count()) + " s: " + health.last_error};
}

}  // namespace

std::string NameOf(const WatchSpec& spec) {
  return spec.namespace_name.empty() ? spec.type.plural
                                     : spec.type.plural + " of namespace " + spec.namespace_name;
}

Status CheckFresh(const WatchHealth& health, MonotonicTime now, Duration window) {
  return CheckSince(health, health.last_success, now, window);
}

Status CheckHeard(const WatchHealth& health, MonotonicTime now, Duration window) {
  return CheckSince(health, std::max(health.last_success, health.last_refusal), now, window);
}

WatchTask::WatchTask(IoLoop& loop, Dialer& dialer, WatchSpec spec, ObjectSink& sink,
                     const Clock& clock, Random& random, const ListWatchOptions& options,
                     const Logger& logger)
    : loop_(loop),
      dialer_(dialer),
      spec_(std::move(spec)),
      sink_(sink),
      clock_(clock),
      logger_(logger.With({{"watch", spec_.type.plural}, {"namespace", spec_.namespace_name}})),
      options_(OptionsFor(options, spec_)),
      machine_(options_, random),
      list_decoder_(spec_.type),
      timer_(loop) {
  health_.spec = spec_;
  health_.last_success = clock_.Monotonic();
}

void WatchTask::Start() { Do(machine_.Start(clock_.Monotonic())); }

void WatchTask::Stop() {
  stopped_ = true;
  connection_.reset();
  timer_.Cancel();
}

void WatchTask::Do(WatchActions actions) {
  PerformAll(std::move(actions));
  if (!stopped_) {
    UpdateHealth();
    Arm();
  }
}

void WatchTask::PerformAll(WatchActions actions) {
  for (WatchAction& action : actions) {
    if (stopped_) {
      return;
    }
    std::visit([this](auto& what) { Perform(what); }, action);
  }
}

void WatchTask::Perform(FetchPage& action) {
  ListQuery query = QueryOf(spec_);
  query.resource_version = action.resource_version;
  query.continue_token = action.continue_token;
  query.limit = action.limit;
  const auto target = ListTarget(spec_.type, query);
  if (!target.ok()) {
    FailList(target.error());
    return;
  }
  list_decoder_ = ListDecoder(spec_.type);
  page_asked_ = clock_.Monotonic();
  Ask(
      *target, PagePatience({}, options_), [this] { ReadList(); },
      [this](const Error& e) { FailList(e); });
}

void WatchTask::Perform(OpenWatch& action) {
  const auto fail = [this](const Error& error) {
    Do(machine_.OnWatchRefused(error, clock_.Monotonic()));
  };
  const auto target = WatchTarget(spec_.type, QueryOf(spec_), action);
  if (!target.ok()) {
    fail(target.error());
    return;
  }
  watch_decoder_ = WatchDecoder();
  ++stream_;
  const auto on_head = [this] {
    connection_->ExpireNever();  // from here on the machine decides what is too long
    success_before_stream_ = NoteSuccess();
    Do(machine_.OnWatchOpened(clock_.Monotonic()));
    ReadWatch();
  };
  Ask(*target, options_.start_limit, on_head, fail);
}

void WatchTask::Perform(CloseWatch& /*action*/) {
  ++stream_;
  connection_.reset();
}
void WatchTask::Perform(StageObject& action) { sink_.Stage(std::move(action.object)); }
void WatchTask::Perform(UnstageObject& action) { sink_.Unstage(std::move(action.object)); }
void WatchTask::Perform(DiscardStaged& /*action*/) { sink_.DiscardStaged(); }
void WatchTask::Perform(UpsertObject& action) { sink_.Upsert(std::move(action.object)); }
void WatchTask::Perform(RemoveObject& action) { sink_.Remove(std::move(action.object)); }
void WatchTask::Perform(NoteProgress& action) { sink_.Progress(action.version); }
void WatchTask::Perform(ReplayStore& /*action*/) { sink_.Replay(); }

void WatchTask::Perform(ReplaceStore& action) {
  sink_.Replace(action.version);
  const std::lock_guard lock(health_mutex_);
  health_.listed = true;
}

void WatchTask::Perform(ReportFailure& action) {
  {
    const std::lock_guard lock(health_mutex_);
    health_.last_error = ToString(action.error);
  }
  logger_.Warning("A watch failed",
                  {{"error", ToString(action.error)}, {"retry_ms", action.delay.count()}});
}

// A stream of nonsense must not become a log of nonsense.
void WatchTask::Perform(ReportSkipped& action) {
  std::uint64_t skipped = 0;
  {
    const std::lock_guard lock(health_mutex_);
    skipped = ++health_.skipped;
  }
  if (IsPowerOfTwo(skipped)) {
    logger_.Warning("A watch skipped what it does not understand",
                    {{"error", ToString(action.error)}, {"skipped", skipped}});
  }
}

void WatchTask::Ask(const std::string& target, Duration deadline, std::function<void()> on_head,
                    std::function<void(const Error&)> on_error) {
  if (!connection_ || !connection_->reusable() || !connection_->quiet()) {
    connection_ = dialer_.Dial(loop_);
  }
  connection_->ExpireAfter(deadline);
  HttpRequest request;
  request.target = target;
  connection_->Start(request, [this, on_head = std::move(on_head),
                               on_error = std::move(on_error)](const Result<HttpHead>& head) {
    if (!head.ok()) {
      connection_.reset();
      on_error(head.error());
      return;
    }
    if (head->status == 200 && MayBeJson(*head)) {
      on_head();
      return;
    }
    ReadAll([this, head = *head, on_error](const Result<std::string>& body) {
      on_error(body.ok() ? NoteRefusal(head, *body) : body.error());
    });
  });
}

Error WatchTask::NoteRefusal(const HttpHead& head, const std::string& body) {
  if ((head.status == 403 || head.status == 404) && IsFromApiServer(head, body)) {
    const std::lock_guard lock(health_mutex_);
    health_.last_refusal = clock_.Monotonic();
  }
  if (head.status == 200) {
    return Error{ErrorKind::kTransient, std::string(kAnswerGarbled),
                 "the Kubernetes API server, or a proxy before it, sent something that is not JSON",
                 Shorten(Trim(body), 256)};
  }
  return DecodeRefusal(head.status, body, RetryAfterOf(head));
}

void WatchTask::ReadAll(std::function<void(Result<std::string>)> done) {
  connection_->ReadSome([this, done = std::move(done)](const Result<std::string_view>& bytes) {
    if (!bytes.ok()) {
      body_.clear();
      connection_.reset();
      done(bytes.error());
      return;
    }
    if (bytes->empty()) {
      connection_->ExpireNever();
      done(std::exchange(body_, {}));
      return;
    }
    body_.append(*bytes);
    if (body_.size() > kRefusalLimit) {
      connection_.reset();
      done(std::exchange(body_, {}));
      return;
    }
    ReadAll(done);
  });
}

void WatchTask::ReadList() {
  connection_->ReadSome([this](const Result<std::string_view>& bytes) {
    if (!bytes.ok()) {
      FailList(bytes.error());
      return;
    }
    OnListBytes(*bytes);
  });
}

void WatchTask::OnListBytes(std::string_view bytes) {
  if (!bytes.empty()) {
    ReadItems(bytes);
    return;
  }
  connection_->ExpireNever();
  const Result<ListPage> page = list_decoder_.Finish();
  if (!page.ok()) {
    FailList(page.error());
    return;
  }
  NoteSuccess();
  Do(machine_.OnPage(*page, clock_.Monotonic()));
}

void WatchTask::ReadItems(std::string_view bytes) {
  bool progress = false;
  const Status fed = list_decoder_.Feed(bytes, [this, &progress](nlohmann::json item) {
    progress = true;
    PerformAll(machine_.OnListItem(std::move(item)));
  });
  if (stopped_) {
    return;
  }
  if (!fed.ok()) {
    FailList(fed.error());
    return;
  }
  if (progress) {
    const auto age = std::chrono::duration_cast<Duration>(clock_.Monotonic() - page_asked_);
    connection_->ExpireAfter(PagePatience(age, options_));
  }
  ReadList();
}

void WatchTask::FailList(const Error& error) {
  connection_.reset();
  Do(machine_.OnListFailed(error, clock_.Monotonic()));
}

void WatchTask::ReadWatch() {
  connection_->ReadSome([this](const Result<std::string_view>& bytes) {
    if (!bytes.ok() || bytes->empty()) {
      // A cut is an end like any other: the watch goes on from the last version that was seen.
      if (!bytes.ok() || !watch_decoder_.Finish().ok()) {
        connection_.reset();
      }
      EndWatch();
      return;
    }
    OnWatchBytes(*bytes);
  });
}

void WatchTask::EndWatch() {
  const int failures = machine_.failures();
  WatchActions next = machine_.OnWatchEnded(clock_.Monotonic());
  if (machine_.failures() > failures && success_before_stream_) {
    const std::lock_guard lock(health_mutex_);
    health_.last_success = *success_before_stream_;  // a head without anything after it is none
  }
  Do(std::move(next));
}

void WatchTask::OnWatchBytes(std::string_view bytes) {
  machine_.OnBytes(clock_.Monotonic());
  // All first: an event may end this stream and begin another one.
  std::vector<WatchEvent> events;
  const Status fed = watch_decoder_.Feed(
      bytes, [&events](WatchEvent event) { events.push_back(std::move(event)); });
  if (fed.ok()) {
    NoteSuccess();
  }
  if (!events.empty()) {
    success_before_stream_.reset();
  }
  const int stream = stream_;
  for (WatchEvent& event : events) {
    PerformAll(machine_.OnEvent(std::move(event), clock_.Monotonic()));
    if (stopped_ || stream != stream_) {
      Do({});
      return;
    }
  }
  if (!fed.ok()) {
    Do(machine_.OnWatchGarbled(fed.error(), clock_.Monotonic()));
    return;
  }
  ReadWatch();
  Do({});
}

void WatchTask::Arm() {
  const auto deadline = machine_.Deadline();
  if (!deadline) {
    armed_.reset();
    timer_.Cancel();
    return;
  }
  // Every byte moves the deadline. A timer that comes too early finds the new one.
  if (armed_ && *armed_ <= *deadline) {
    return;
  }
  armed_ = deadline;
  const auto delay = std::chrono::ceil<Duration>(*deadline - clock_.Monotonic());
  timer_.After(std::max(delay, Duration::zero()), [this] {
    armed_.reset();
    Do(machine_.OnTimer(clock_.Monotonic()));
  });
}

MonotonicTime WatchTask::NoteSuccess() {
  const std::lock_guard lock(health_mutex_);
  return std::exchange(health_.last_success, clock_.Monotonic());
}

void WatchTask::UpdateHealth() {
  const std::lock_guard lock(health_mutex_);
  health_.watching = machine_.watching();
  health_.failures = machine_.failures();
  health_.last_byte = machine_.last_byte();
}

WatchHealth WatchTask::Health() const {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

}  // namespace milink::kube
