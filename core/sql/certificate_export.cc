#include "core/sql/certificate_export.h"

#include <optional>
#include <utility>

#include "core/base/text.h"
#include "core/sql/batch_text.h"

namespace milink::sql {
namespace {

// Wipes the values of a reply when it goes away.
class ReplyWiper {
 public:
  explicit ReplyWiper(SqlReply& reply) : reply_(reply) {}
  ~ReplyWiper() {
    for (ResultSet& set : reply_.sets) {
      for (auto& row : set.rows) {
        for (auto& value : row) {
          if (value) {
            WipeMemory(*value);
          }
        }
      }
    }
  }
  ReplyWiper(const ReplyWiper&) = delete;
  ReplyWiper& operator=(const ReplyWiper&) = delete;

 private:
  SqlReply& reply_;
};

// The bytes of a value; NULL has none. Nothing: it is no hexadecimal.
std::optional<std::string> ValueBytes(const std::optional<std::string>& value) {
  return value ? FromHex(*value) : std::string();
}

}  // namespace

Result<SqlBatch> ExportCertificate(std::string_view thumbprint, const Secret& password) {
  return BatchText(
             "SELECT c.name AS exported_certificate,"
             " CERTENCODED(c.certificate_id) AS public_key,"
             " CERTPRIVATEKEY(c.certificate_id, ")
      .SecretLiteral(password)
      .Text(
          ") AS private_key FROM sys.certificates AS c"
          " WHERE c.thumbprint = ")
      .Binary(FromHex(thumbprint).value_or(std::string()))
      .Text(";")
      .Finish();
}

// By position and without the readers of replies, which make copies and show what they cannot read.
Result<ExportedCertificate> ReadExportedCertificate(SqlReply reply) {
  const ReplyWiper wiper(reply);
  constexpr std::size_t kColumns = 3;
  const bool fits = reply.sets.size() == 1 && reply.sets[0].columns.size() == kColumns;
  if (fits && reply.sets[0].rows.empty()) {
    return Error{ErrorKind::kNotFound, "CertificateNotFound",
                 "SQL Server has no certificate of that thumbprint any more", ""};
  }
  auto der = fits ? ValueBytes(reply.sets[0].rows[0].at(1)) : std::nullopt;
  auto key = fits ? ValueBytes(reply.sets[0].rows[0].at(2)) : std::nullopt;
  if (!der || !key) {
    return Error{ErrorKind::kInternal, "ReplyMalformed",
                 "the exported certificate could not be read from the answer of SQL Server", ""};
  }
  return ExportedCertificate{*std::move(der), Secret(*std::move(key))};
}

}  // namespace milink::sql
