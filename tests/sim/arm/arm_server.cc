#include "tests/sim/arm/arm_server.h"

#include <thread>

#include <arpa/inet.h>
#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/sim/world/x509.h"

namespace milink::sim {
namespace {

constexpr int kWorkers = 24;  // held requests and idle connections each keep one
constexpr auto kYear = std::chrono::hours(24 * 365);

// Closes the connection under a request without a word. The HTTP library does not show the socket
// of a request, so it is found by the address of its peer.
void CutConnection(const httplib::Request& request) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int last = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65'536));
  for (int fd = 3; fd < last; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
        peer.sin_family == AF_INET && ntohs(peer.sin_port) == request.remote_port) {
      sockaddr_in own{};
      size = sizeof(own);
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
      if (ntohs(own.sin_port) == request.local_port) {
        ::shutdown(fd, SHUT_RDWR);
      }
    }
  }
}

ArmRequest Convert(const httplib::Request& request) {
  ArmRequest converted;
  converted.method = request.method;
  converted.path = request.path;
  const std::size_t mark = request.target.find('?');
  converted.raw_query = mark == std::string::npos ? "" : request.target.substr(mark + 1);
  for (const auto& [name, value] : request.params) {
    converted.query[name] = value;
  }
  converted.authorization = request.get_header_value("Authorization");
  converted.client_request_id = request.get_header_value("x-ms-client-request-id");
  converted.return_client_request_id =
      request.get_header_value("x-ms-return-client-request-id") == "true";
  converted.metadata = request.get_header_value("Metadata") == "true";
  converted.body = request.body;
  return converted;
}

bool UseCertificate(SSL_CTX& context, const CertificateWithKey& certificate) {
  const auto memory = [](const std::string& pem) {
    return std::unique_ptr<BIO, decltype(&BIO_free_all)>(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all);
  };
  const std::unique_ptr<X509, decltype(&X509_free)> parsed(
      PEM_read_bio_X509(memory(certificate.certificate_pem).get(), nullptr, nullptr, nullptr),
      &X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(memory(certificate.key_pem).get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  return SSL_CTX_use_certificate(&context, parsed.get()) == 1 &&
         SSL_CTX_use_PrivateKey(&context, key.get()) == 1;
}

}  // namespace

class ArmServer::Impl {
 public:
  explicit Impl(ArmService& service) : service_(service) {}

  Status Start(const std::string& address, int port) {
    const TimePoint now = std::chrono::system_clock::now();
    const CertificateWithKey authority = MakeCertificate({.common_name = "Simulated Azure TLS CA",
                                                          .dns_names = {},
                                                          .not_before = now - kYear,
                                                          .not_after = now + 5 * kYear,
                                                          .authority = true});
    const CertificateWithKey own =
        MakeCertificate({.common_name = "management.azure.com",
                         .dns_names = {"localhost", "127.0.0.1", address},
                         .not_before = now - kYear,
                         .not_after = now + kYear},
                        &authority);
    authority_pem_ = authority.certificate_pem;
    server_ = std::make_unique<httplib::SSLServer>(
        [&](SSL_CTX& context) { return UseCertificate(context, own); });
    server_->new_task_queue = [] { return new httplib::ThreadPool(kWorkers); };
    server_->set_tcp_nodelay(true);
    server_->set_keep_alive_max_count(1'000);
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response);
    };
    server_->Get(".*", handle);
    server_->Put(".*", handle);
    server_->Patch(".*", handle);
    server_->Post(".*", handle);
    server_->Delete(".*", handle);
    port_ = port == 0 ? server_->bind_to_any_port(address.c_str())
                      : (server_->bind_to_port(address.c_str(), port) ? port : -1);
    if (port_ <= 0) {
      return Error{.kind = ErrorKind::kTransient,
                   .reason = "AddressInUse",
                   .message = "cannot listen on " + address + ":" + std::to_string(port)};
    }
    service_.SetBaseUrl("https://" + address + ":" + std::to_string(port_));
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) {
      std::this_thread::yield();  // stop() of a server that does not run yet is lost
    }
    return {};
  }

  void Stop() {
    if (thread_.joinable()) {
      server_->stop();
      thread_.join();
    }
  }

  int port() const { return port_; }
  const std::string& authority_pem() const { return authority_pem_; }

 private:
  void Answer(const httplib::Request& request, httplib::Response& response) {
    const ArmResponse answer = service_.Handle(Convert(request));
    if (answer.close) {
      CutConnection(request);
      return;
    }
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) {
      response.set_header(name, value);
    }
    response.set_content(answer.body, "application/json; charset=utf-8");
  }

  ArmService& service_;
  std::unique_ptr<httplib::SSLServer> server_;
  std::thread thread_;
  int port_ = 0;
  std::string authority_pem_;
};

ArmServer::ArmServer(ArmService& service) : impl_(std::make_unique<Impl>(service)) {}
ArmServer::~ArmServer() { Stop(); }
Status ArmServer::Start(const std::string& address, int port) {
  return impl_->Start(address, port);
}
void ArmServer::Stop() { impl_->Stop(); }
int ArmServer::port() const { return impl_->port(); }
const std::string& ArmServer::authority_pem() const { return impl_->authority_pem(); }

}  // namespace milink::sim
