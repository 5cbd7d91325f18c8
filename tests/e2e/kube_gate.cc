#include "tests/e2e/kube_gate.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <thread>

#include <httplib.h>

#include "core/base/text.h"
#include "core/kube/kubeconfig.h"
#include "tests/integration/command.h"

namespace milink::e2e {
namespace {

constexpr int kThreads = 64;  // one for each connection of the operator, watches included

Error Failed(const std::string& what) { return {ErrorKind::kInternal, "GateFailed", what, ""}; }

// A body of unknown length on its way from one connection to the other.
class Stream {
 public:
  void Head(int status, const std::string& type) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    type_ = type;
    changed_.notify_all();
  }
  bool Push(const char* data, std::size_t size) {
    const std::lock_guard lock(mutex_);
    chunks_.emplace_back(data, size);
    changed_.notify_all();
    return !cancelled_;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void Cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }
  int WaitHead() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return status_ != 0 || ended_; });
    return status_;
  }
  std::string type() const { return type_; }
  // The next piece; empty: nothing came for a while. `ended` when it is over.
  std::string Next(bool& ended) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(100),
                      [this] { return !chunks_.empty() || ended_ || cancelled_; });
    std::string out;
    if (!chunks_.empty()) {
      out = std::move(chunks_.front());
      chunks_.pop_front();
    }
    ended = out.empty() && (ended_ || cancelled_);
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> chunks_;
  int status_ = 0;
  std::string type_;
  bool ended_ = false;
  bool cancelled_ = false;
};

httplib::Headers Forwarded(const httplib::Request& request) {
  httplib::Headers headers;
  for (const char* name : {"Authorization", "Content-Type", "Accept", "User-Agent"}) {
    if (request.has_header(name)) {
      headers.emplace(name, request.get_header_value(name));
    }
  }
  return headers;
}

}  // namespace

struct KubeGate::State {
  std::filesystem::path kubeconfig;
  std::filesystem::path ca_file;
  std::string server;
  std::unique_ptr<httplib::SSLServer> listener;
  std::thread thread;
  std::mutex mutex;
  Watcher watcher;
  std::atomic<bool> stopping{false};

  bool Pass(const KubeWrite& write, GatePoint point) {
    Watcher now;
    {
      const std::lock_guard lock(mutex);
      now = watcher;
    }
    return !now || now(write, point);
  }

  std::unique_ptr<httplib::Client> Upstream() const {
    auto client = std::make_unique<httplib::Client>(server);
    client->set_ca_cert_path(ca_file.string());
    client->set_url_encode(false);
    client->set_read_timeout(std::chrono::minutes(11));
    return client;
  }

  void Route() {
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      const bool watch = request.method == "GET" && request.has_param("watch");
      watch ? RelayWatch(request, response) : Relay(request, response);
    };
    listener->Get(".*", handle);
    listener->Post(".*", handle);
    listener->Put(".*", handle);
    listener->Patch(".*", handle);
    listener->Delete(".*", handle);
  }

  // The target as it was sent: httplib has decoded its own copy.
  static std::string Target(const httplib::Request& request) {
    std::string target = request.path;
    char separator = '?';
    for (const auto& [name, value] : request.params) {
      target += separator + name + "=" + httplib::detail::encode_query_param(value);
      separator = '&';
    }
    return target;
  }

  // A connection is cut by an answer that is shorter than it promises.
  static void Cut(httplib::Response& response) {
    response.set_content_provider(
        1, "application/json", [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
  }

  void Relay(const httplib::Request& request, httplib::Response& response) {
    const KubeWrite write{request.method, Target(request), request.body};
    const bool mutation = request.method != "GET";
    if (mutation && !Pass(write, GatePoint::kBefore)) {
      Cut(response);
      return;
    }
    httplib::Request forward;
    forward.method = request.method;
    forward.path = write.path;
    forward.body = request.body;
    forward.headers = Forwarded(request);
    const auto answer = Upstream()->send(forward);
    if ((mutation && !Pass(write, GatePoint::kAfterEffect)) || !answer) {
      Cut(response);
      return;
    }
    response.status = answer->status;
    for (const char* name : {"Retry-After", "Warning"}) {
      if (answer->has_header(name)) {
        response.set_header(name, answer->get_header_value(name));
      }
    }
    // The last function is called when the answer has left.
    response.set_content_provider(
        answer->body.size(), answer->get_header_value("Content-Type"),
        [body = answer->body](std::size_t offset, std::size_t size, httplib::DataSink& sink) {
          return sink.write(body.data() + offset, size);
        },
        [this, write, mutation](bool /*success*/) {
          if (mutation) {
            static_cast<void>(Pass(write, GatePoint::kAfterAnswer));
          }
        });
  }

  void RelayWatch(const httplib::Request& request, httplib::Response& response) {
    auto stream = std::make_shared<Stream>();
    auto upstream = std::make_shared<std::unique_ptr<httplib::Client>>(Upstream());
    std::thread([stream, upstream, target = Target(request), headers = Forwarded(request)] {
      (*upstream)->Get(
          target, headers,
          [&](const httplib::Response& head) {
            stream->Head(head.status, head.get_header_value("Content-Type"));
            return true;
          },
          [&](const char* data, std::size_t size) { return stream->Push(data, size); });
      stream->End();
    }).detach();
    const int status = stream->WaitHead();
    if (status == 0) {
      Cut(response);
      return;
    }
    response.status = status;
    response.set_chunked_content_provider(
        stream->type(),
        [this, stream](std::size_t, httplib::DataSink& sink) {
          bool ended = false;
          const std::string piece = stream->Next(ended);
          if (ended || stopping || !sink.is_writable()) {
            stream->Cancel();
            sink.done();
            return ended;
          }
          return piece.empty() || sink.write(piece.data(), piece.size());
        },
        [stream, upstream](bool) {
          stream->Cancel();
          (*upstream)->stop();
        });
  }
};

KubeGate::KubeGate(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<KubeGate>> KubeGate::Start(const std::filesystem::path& kubeconfig,
                                                  const std::filesystem::path& directory) {
  const auto access = kube::LoadKubeconfig(kubeconfig, "");
  if (!access) {
    return access.error();
  }
  auto state = std::make_unique<State>();
  state->server = access->server;
  state->ca_file = directory / "gate-upstream-ca.pem";
  std::ofstream(state->ca_file) << access->ca_pem;
  const auto certificate = directory / "gate.pem";
  const auto key = directory / "gate.key";
  const auto made = test::RunCommand({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                      "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                                      "/CN=kube-gate", "-addext", "subjectAltName=IP:127.0.0.1",
                                      "-keyout", key.string(), "-out", certificate.string()});
  if (!made.ok()) {
    return Failed("openssl could not make the gate's certificate: " + made.err);
  }
  state->listener = std::make_unique<httplib::SSLServer>(certificate.c_str(), key.c_str());
  state->listener->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  state->Route();
  const int port = state->listener->bind_to_any_port("127.0.0.1");
  if (port <= 0) {
    return Failed("the gate cannot listen");
  }
  std::ifstream pem(certificate);
  const std::string ca{std::istreambuf_iterator<char>(pem), std::istreambuf_iterator<char>()};
  state->kubeconfig = directory / "gate.kubeconfig";
  std::ofstream(directory / "gate.token") << access->token.Reveal();
  std::ofstream(state->kubeconfig)
      << "apiVersion: v1\nkind: Config\ncurrent-context: gate\n"
      << "contexts:\n- name: gate\n  context: {cluster: gate, user: gate}\n"
      << "clusters:\n- name: gate\n  cluster:\n    server: https://127.0.0.1:" << port
      << "\n    certificate-authority: " << certificate.string()
      << "\nusers:\n- name: gate\n  user: {tokenFile: " << (directory / "gate.token").string()
      << "}\n";
  state->thread = std::thread([server = state->listener.get()] { server->listen_after_bind(); });
  while (!state->listener->is_running()) {
    std::this_thread::yield();
  }
  return std::unique_ptr<KubeGate>(new KubeGate(std::move(state)));
}

KubeGate::~KubeGate() {
  state_->stopping = true;
  state_->listener->stop();
  state_->thread.join();
}

const std::filesystem::path& KubeGate::kubeconfig() const { return state_->kubeconfig; }

void KubeGate::Watch(Watcher watcher) {
  const std::lock_guard lock(state_->mutex);
  state_->watcher = std::move(watcher);
}

}  // namespace milink::e2e
