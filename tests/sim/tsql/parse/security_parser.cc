// Master keys, certificates, permissions. Names and values are literals only.
#include "core/base/text.h"
#include "tests/sim/tsql/parse/parser.h"

namespace milink::sim::tsql {
namespace {

std::string ParsePassword(Cursor& cursor) {
  cursor.ExpectWord("PASSWORD");
  cursor.ExpectSymbol("=");
  return cursor.ExpectString();
}

bool ParseMasterKey(Cursor& cursor, Statement& statement) {
  MasterKeyStatement key;
  if (cursor.TakeWords({"CREATE", "MASTER", "KEY"})) {
    key.action = MasterKeyAction::kCreate;
    cursor.ExpectWords({"ENCRYPTION", "BY"});
    key.password = ParsePassword(cursor);
  } else if (cursor.TakeWords({"OPEN", "MASTER", "KEY"})) {
    key.action = MasterKeyAction::kOpen;
    cursor.ExpectWords({"DECRYPTION", "BY"});
    key.password = ParsePassword(cursor);
  } else if (cursor.TakeWords({"CLOSE", "MASTER", "KEY"})) {
    key.action = MasterKeyAction::kClose;
  } else if (cursor.TakeWords({"DROP", "MASTER", "KEY"})) {
    key.action = MasterKeyAction::kDrop;
  } else if (cursor.TakeWords({"ALTER", "MASTER", "KEY"})) {
    const bool add = cursor.ExpectOneOf({"ADD", "DROP"}) == "ADD";
    key.action =
        add ? MasterKeyAction::kAddServiceEncryption : MasterKeyAction::kDropServiceEncryption;
    cursor.ExpectWords({"ENCRYPTION", "BY", "SERVICE", "MASTER", "KEY"});
  } else {
    return false;
  }
  statement.node = std::move(key);
  return true;
}

CreateCertificate ParseCreateCertificate(Cursor& cursor) {
  CreateCertificate certificate{.name = cursor.ExpectName()};
  if (cursor.TakeWord("FROM")) {
    cursor.ExpectWord("BINARY");
    cursor.ExpectSymbol("=");
    certificate.binary = cursor.ExpectBinary();
  } else {
    cursor.ExpectWord("WITH");
    do {
      const std::string option = cursor.ExpectOneOf({"SUBJECT", "START_DATE", "EXPIRY_DATE"});
      cursor.ExpectSymbol("=");
      (option == "SUBJECT"      ? certificate.subject
       : option == "START_DATE" ? certificate.start_date
                                : certificate.expiry_date) = cursor.ExpectString();
    } while (cursor.TakeSymbol(","));
    if (!certificate.subject) cursor.FailSyntax();
  }
  if (cursor.TakeWords({"ACTIVE", "FOR", "BEGIN_DIALOG"})) {
    cursor.ExpectSymbol("=");
    certificate.active_for_begin_dialog = cursor.ExpectOneOf({"ON", "OFF"}) == "ON";
  }
  return certificate;
}

bool ParsePermission(Cursor& cursor, Statement& statement) {
  PermissionStatement result;
  for (const auto* verb : {"GRANT", "DENY", "REVOKE"}) {
    if (result.verb.empty() && cursor.TakeWord(verb)) result.verb = verb;
  }
  if (result.verb.empty()) return false;
  while (!cursor.IsWord("TO") && !cursor.IsWord("FROM")) {
    if (cursor.Peek().kind != TokenKind::kWord) cursor.FailSyntax();
    if (!result.permission.empty()) result.permission += ' ';
    result.permission += ToUpperAscii(cursor.Take().text);
  }
  if (result.permission.empty()) cursor.FailSyntax();
  cursor.Take();
  result.principal = cursor.ExpectName();
  statement.node = std::move(result);
  return true;
}

}  // namespace

bool ParseSecurityStatement(Cursor& cursor, Statement& statement) {
  if (ParseMasterKey(cursor, statement)) return true;
  if (cursor.TakeWords({"CREATE", "CERTIFICATE"})) {
    statement.node = ParseCreateCertificate(cursor);
    return true;
  }
  if (cursor.TakeWords({"DROP", "CERTIFICATE"})) {
    statement.node = DropCertificate{cursor.ExpectName()};
    return true;
  }
  return ParsePermission(cursor, statement);
}

}  // namespace milink::sim::tsql
