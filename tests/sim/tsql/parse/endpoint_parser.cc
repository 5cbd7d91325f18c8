// CREATE, ALTER and DROP ENDPOINT for database mirroring.
#include "core/base/text.h"
#include "tests/sim/tsql/failure.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

// CERTIFICATE name | WINDOWS [kind] [CERTIFICATE name] | CERTIFICATE name WINDOWS [kind]
void ParseAuthentication(Cursor& cursor, EndpointStatement& endpoint) {
  std::string text;
  for (int i = 0; i < 2; ++i) {
    if (cursor.TakeWord("WINDOWS")) {
      std::string kind = "NEGOTIATE";
      for (const auto* word : {"NTLM", "KERBEROS", "NEGOTIATE"}) {
        if (cursor.TakeWord(word)) kind = word;
      }
      text += (text.empty() ? "" : ", ") + kind;
    } else if (cursor.TakeWord("CERTIFICATE")) {
      text += text.empty() ? "CERTIFICATE" : ", CERTIFICATE";
      endpoint.certificate = cursor.ExpectName();
    } else if (i == 0) {
      cursor.FailSyntax();
    }
  }
  endpoint.authentication = text;
}

// DISABLED | {REQUIRED | SUPPORTED} [ALGORITHM {AES | RC4 | AES RC4 | RC4 AES}]
void ParseEncryption(Cursor& cursor, EndpointStatement& endpoint) {
  const std::string kind = cursor.ExpectOneOf({"DISABLED", "REQUIRED", "SUPPORTED"});
  if (kind == "DISABLED") {
    endpoint.encryption = "NONE";
    return;
  }
  std::string algorithms;
  if (cursor.TakeWord("ALGORITHM")) {
    algorithms = cursor.ExpectOneOf({"AES", "RC4"});
    if (cursor.IsWord("AES") || cursor.IsWord("RC4")) {
      const std::string second = ToUpperAscii(cursor.Take().text);
      if (second == algorithms) cursor.FailSyntax();
      algorithms += ", " + second;
    }
  } else {
    algorithms = "AES";
  }
  endpoint.encryption = (kind == "SUPPORTED" ? "NONE, " : "") + algorithms;
}

void ParseTransport(Cursor& cursor, EndpointStatement& endpoint) {
  if (!cursor.TakeWord("TCP")) Fail(7860);
  endpoint.has_transport = true;
  cursor.ExpectSymbol("(");
  do {
    const std::string option = cursor.ExpectOneOf({"LISTENER_PORT", "LISTENER_IP"});
    cursor.ExpectSymbol("=");
    if (option == "LISTENER_PORT") {
      endpoint.port = cursor.ExpectInteger();
    } else if (cursor.TakeWord("ALL")) {
      endpoint.ip_address = "";
    } else if (cursor.TakeSymbol("(")) {
      std::string address;
      while (!cursor.IsSymbol(")") && !cursor.AtEnd()) address += cursor.Take().text;
      cursor.ExpectSymbol(")");
      endpoint.ip_address = address;
    } else {
      cursor.FailSyntax();
    }
  } while (cursor.TakeSymbol(","));
  cursor.ExpectSymbol(")");
}

void ParsePayload(Cursor& cursor, EndpointStatement& endpoint) {
  if (!cursor.TakeWord("DATABASE_MIRRORING") && !cursor.TakeWord("DATA_MIRRORING")) {
    if (!cursor.IsWord("TSQL") && !cursor.IsWord("SERVICE_BROKER")) cursor.FailSyntax();
    if (endpoint.action == EndpointStatement::Action::kAlter) Fail(7860);
    FailNotModelled("an endpoint for another purpose than database mirroring");
  }
  endpoint.has_payload = true;
  cursor.ExpectSymbol("(");
  do {
    const std::string option = cursor.ExpectOneOf({"ROLE", "AUTHENTICATION", "ENCRYPTION"});
    cursor.ExpectSymbol("=");
    if (option == "ROLE") {
      endpoint.role = cursor.ExpectOneOf({"ALL", "PARTNER", "WITNESS"});
    } else if (option == "AUTHENTICATION") {
      ParseAuthentication(cursor, endpoint);
    } else {
      ParseEncryption(cursor, endpoint);
    }
  } while (cursor.TakeSymbol(","));
  cursor.ExpectSymbol(")");
}

EndpointStatement ParseEndpoint(Cursor& cursor, EndpointStatement::Action action) {
  EndpointStatement endpoint{.action = action, .name = cursor.ExpectName()};
  if (cursor.TakeWord("STATE")) {
    cursor.ExpectSymbol("=");
    endpoint.state = cursor.ExpectOneOf({"STARTED", "STOPPED", "DISABLED"});
  }
  if (cursor.TakeWord("AS")) ParseTransport(cursor, endpoint);
  if (cursor.TakeWord("FOR")) ParsePayload(cursor, endpoint);
  const bool creating = action == EndpointStatement::Action::kCreate;
  const bool complete =
      endpoint.has_transport && endpoint.port && endpoint.has_payload && endpoint.role;
  if (creating && !complete) cursor.FailSyntax();
  return endpoint;
}

}  // namespace

bool ParseEndpointStatement(Cursor& cursor, Statement& statement) {
  if (cursor.TakeWords({"CREATE", "ENDPOINT"})) {
    statement.node = ParseEndpoint(cursor, EndpointStatement::Action::kCreate);
  } else if (cursor.TakeWords({"ALTER", "ENDPOINT"})) {
    statement.node = ParseEndpoint(cursor, EndpointStatement::Action::kAlter);
  } else if (cursor.TakeWords({"DROP", "ENDPOINT"})) {
    statement.node = DropEndpoint{cursor.ExpectName()};
  } else {
    return false;
  }
  return true;
}

}  // namespace milink::sim::tsql
