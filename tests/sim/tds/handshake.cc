#include "tests/sim/tds/handshake.h"

#include <utility>
#include <vector>

#include "tests/sim/tds/bytes.h"
#include "tests/sim/tds/tokens.h"
#include "tests/sim/tds/types.h"

namespace milink::sim::tds {
namespace {

using Scope = EncryptionChoice::Scope;

constexpr char kTlsHandshakeRecord = 0x16;
constexpr std::uint8_t kLoginState = 2;

ServerMessage LoginFailed(const std::string& user) {
  return {
      .number = 18456, .severity = 14, .state = 1, .text = "Login failed for user '" + user + "'."};
}

}  // namespace

std::optional<LoggedIn> Handshake::Run() {
  std::string first;
  if (!transport_.Read(first)) {
    return std::nullopt;
  }
  input_.Append(first);
  if (first.front() == kTlsHandshakeRecord && !StartStrict()) {
    return std::nullopt;
  }
  if (!Prelogin()) {
    return std::nullopt;
  }
  if (scope_ != Scope::kNone && !strict_ && !WrappedTls()) {
    return std::nullopt;
  }
  return Login();
}

// TDS 8: TLS on the bare socket, everything else inside.
bool Handshake::StartStrict() {
  strict_ = true;
  scope_ = Scope::kWhole;
  if (StalledAt(Stall::kTls) || state_.options().encryption == ServerEncryption::kNoTls) {
    return false;
  }
  auto tls = std::make_unique<TlsEndpoint>(state_.tls(), TlsEndpoint::Mode::kStrict);
  std::string received = input_.TakeRest();
  while (true) {
    std::string answer;
    const TlsEndpoint::Progress progress = tls->Handshake(received, answer);
    if (!transport_.Write(answer) || progress == TlsEndpoint::Progress::kFailed) {
      return false;
    }
    if (progress == TlsEndpoint::Progress::kDone) {
      break;
    }
    received.clear();
    if (!transport_.Read(received)) {
      return false;
    }
  }
  std::string early;
  const bool alive = tls->Decrypt({}, early);
  input_.Append(early);
  transport_.StartTls(std::move(tls));
  return alive;
}

bool Handshake::Prelogin() {
  const std::optional<Message> message = Expect(PacketType::kPrelogin);
  if (!message || StalledAt(Stall::kPrelogin)) {
    return false;
  }
  const Result<PreloginRequest> request = ParsePrelogin(message->payload);
  if (!request) {
    return false;
  }
  const ListenerOptions options = state_.options();
  if (options.faults.junk_prelogin) {
    transport_.Write("HTTP/1.1 400 Bad Request\r\n\r\n");
    return false;
  }
  const EncryptionChoice choice = ChooseEncryption(request->encryption, options.encryption);
  if (!strict_) {
    scope_ = choice.scope;
  }
  const std::string answer =
      EncodePreloginReply(executor_.ProductVersion(), choice.answer, request->asks_federated);
  return Send(PacketType::kReply, answer) && (strict_ || !choice.close);
}

bool Handshake::WrappedTls() {
  if (StalledAt(Stall::kTls)) {
    return false;
  }
  auto tls = std::make_unique<TlsEndpoint>(state_.tls(), TlsEndpoint::Mode::kWrapped);
  while (true) {
    const std::optional<Message> message = Expect(PacketType::kPrelogin);
    if (!message) {
      return false;
    }
    std::string answer;
    const TlsEndpoint::Progress progress = tls->Handshake(message->payload, answer);
    if (!answer.empty() && !Send(PacketType::kPrelogin, answer)) {
      return false;
    }
    if (progress == TlsEndpoint::Progress::kFailed) {
      return false;
    }
    if (progress == TlsEndpoint::Progress::kDone) {
      break;
    }
  }
  // The client may already have sent its first record without the wrapping.
  std::string early;
  const bool alive = tls->Decrypt(input_.TakeRest(), early);
  input_.Append(early);
  transport_.StartTls(std::move(tls));
  return alive;
}

std::optional<LoggedIn> Handshake::Login() {
  const std::optional<Message> message = Expect(PacketType::kLogin7);
  if (scope_ == Scope::kLoginOnly) {
    transport_.StopTls();
  }
  if (!message || StalledAt(Stall::kLogin)) {
    return std::nullopt;
  }
  const Result<Login7> login = ParseLogin7(message->payload);
  if (!login) {
    Refuse({{.number = 17832,
             .severity = 20,
             .state = 18,
             .text = "The login packet used to open the connection is structurally invalid; the "
                     "connection has been closed. Please contact the vendor of the client "
                     "library."}});
    return std::nullopt;
  }
  if (login->integrated_security) {
    Refuse({{.number = 18452,
             .severity = 14,
             .state = 1,
             .text = "Login failed. The login is from an untrusted domain and cannot be used with "
                     "Integrated authentication."}});
    return std::nullopt;
  }
  Executor::LoginResult result = executor_.Login(MakeRequest(*login));
  if (result.session == nullptr) {
    if (result.messages.empty()) {
      result.messages.push_back(LoginFailed(login->user));
    }
    Refuse(result.messages);
    return std::nullopt;
  }
  LoggedIn logged_in{.session = std::move(result.session),
                     .packet_size = ChoosePacketSize(login->packet_size)};
  if (state_.options().random_packet_size) {
    constexpr std::uint64_t kSizes = kMaxPacketSize - kMinPacketSize + 1;
    logged_in.packet_size = kMinPacketSize + transport_.random().Bits() % kSizes;
  }
  Accept(*login, logged_in, result.messages);
  return logged_in;
}

LoginRequest Handshake::MakeRequest(const Login7& login) const {
  return {.user = login.user,
          .password = login.password,
          .database = login.database,
          .application = login.application,
          .host = login.host,
          .encrypted = scope_ == Scope::kWhole,
          .access_token = login.access_token.value_or(""),
          .read_only_intent = login.read_only_intent};
}

void Handshake::Refuse(const std::vector<ServerMessage>& messages) {
  ByteWriter reply;
  for (const ServerMessage& message : messages) {
    AppendMessage(reply, message, executor_.ServerName());
  }
  AppendDone(reply, {.status = Done::kError});
  Send(PacketType::kReply, reply.bytes());
}

void Handshake::Accept(const Login7& login, const LoggedIn& result,
                       const std::vector<ServerMessage>& messages) {
  const std::string server = executor_.ServerName();
  const std::string database = result.session->database();
  const std::string language = "us_english";
  ByteWriter reply;
  AppendEnvChangeText(reply, EnvChange::kDatabase, database, "master");
  AppendMessage(reply,
                {.number = 5701,
                 .severity = 0,
                 .state = kLoginState,
                 .text = "Changed database context to '" + database + "'."},
                server);
  AppendEnvChangeBytes(reply, EnvChange::kCollationSetting, kCollation, {});
  AppendEnvChangeText(reply, EnvChange::kLanguage, language, "");
  AppendMessage(reply,
                {.number = 5703,
                 .severity = 0,
                 .state = 1,
                 .text = "Changed language setting to " + language + "."},
                server);
  for (const ServerMessage& message : messages) {
    AppendMessage(reply, message, server);
  }
  AppendLoginAck(reply, executor_.ProductVersion());
  AppendEnvChangeText(reply, EnvChange::kPacketSize, std::to_string(result.packet_size),
                      std::to_string(kDefaultPacketSize));
  if (login.has_features) {
    AppendFeatureAck(reply, login.access_token.has_value());
  }
  AppendDone(reply, {});
  // The new packet size holds after this message.
  Send(PacketType::kReply, reply.bytes(), static_cast<std::uint16_t>(result.session->spid()));
}

bool Handshake::Send(PacketType type, std::string_view payload, std::uint16_t spid) {
  return transport_.Write(PackMessage(type, payload, kDefaultPacketSize, spid));
}

std::optional<Message> Handshake::Expect(PacketType type) {
  while (true) {
    Result<std::optional<Message>> next = input_.Next();
    if (!next) {
      return std::nullopt;
    }
    if (next->has_value()) {
      return (*next)->type == type ? *std::move(next) : std::nullopt;
    }
    std::string bytes;
    if (!transport_.Read(bytes)) {
      return std::nullopt;
    }
    input_.Append(bytes);
  }
}

bool Handshake::StalledAt(Stall place) const {
  if (state_.options().faults.stall != place) {
    return false;
  }
  transport_.Stall();
  return true;
}

}  // namespace milink::sim::tds
