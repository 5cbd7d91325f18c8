// An HTTPS server on a free port of 127.0.0.1 whose every answer a test writes, down to the bytes
// and the cuts. For faults that the real API server cannot be made to show.
//
// One thread per connection; the script is called on these threads, at most one call per
// connection at a time. The destructor cuts all connections and waits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/kube/cluster_access.h"
#include "tests/fakes/test_certificates.h"

namespace milink::fakes {

struct ScriptedRequest {
  int number = 0;      // 1 for the first request of the server
  int connection = 0;  // 1 for the first connection
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// How a script answers one request. After Cut nothing more is sent.
class ScriptedAnswer {
 public:
  virtual ~ScriptedAnswer() = default;
  // A whole answer with Content-Length; `headers` are whole lines without their line ends.
  virtual void Respond(int status, const std::string& body,
                       const std::vector<std::string>& headers = {});
  // A chunked answer in pieces; an unfinished one leaves the connection silent.
  virtual void Begin(int status);
  virtual void Chunk(const std::string& bytes);
  virtual void Finish();
  // Bytes as they are, whatever HTTP says; all of the above end here.
  virtual void Raw(const std::string& bytes) = 0;
  // The connection is closed without any farewell.
  virtual void Cut() = 0;
  // The same by force: the client sees a reset, where the fake can do that.
  virtual void Reset() { Cut(); }
  // Has the client closed the connection, or was it cut? Does not wait.
  virtual bool Closed() = 0;
  // Returns when the client closed the connection, or the server is destroyed.
  virtual void WaitForClose() = 0;
};

class ScriptedServer {
 public:
  using Script = std::function<void(const ScriptedRequest&, ScriptedAnswer&)>;

  explicit ScriptedServer(Script script,
                          const std::string& subject_alt_names = "IP:127.0.0.1,DNS:localhost");
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const;
  // Trusts this server's authority; no credentials.
  kube::ClusterAccess Access() const;
  const TestCertificates& certificates() const;

  std::vector<ScriptedRequest> Requests() const;
  int connections() const;
  // Cuts every connection, as a server that restarts. New ones are accepted.
  void CutAll();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace milink::fakes
