#include "controllers/link/sql_batches.h"

#include "controllers/link/reasons.h"
#include "core/sql/statements.h"

namespace milink::link {
namespace {

struct Builder {
  using Batch = Result<sql::SqlBatch>;

  Batch operator()(const ImportInstanceCertificate& s) const {
    return sql::ImportCertificate(s.name, s.der);
  }
  Batch operator()(const ImportRootAuthority& s) const {
    return sql::ImportCertificate(s.name, s.der);
  }
  Batch operator()(const TrustIssuer& s) const {
    return sql::AddTrustedIssuer(s.root, s.dns_pattern);
  }
  Batch operator()(const ValidateChain& s) const { return sql::ValidateChain(s.certificate); }
  Batch operator()(const SetFullRecovery& s) const { return sql::SetFullRecovery(s.database); }
  Batch operator()(const BackupDatabase& s) const {
    return sql::BackupDatabase(s.database, s.file);
  }
  Batch operator()(const CreateGroup& s) const {
    return sql::CreateAvailabilityGroup(
        {s.group, s.database, s.server_name, s.endpoint_url, s.cluster_type_clause});
  }
  Batch operator()(const CreateDistributedGroup& s) const {
    return sql::CreateDistributedGroup(
        {s.group, s.local_group, s.local_url, s.instance_group, s.instance_url});
  }
  Batch operator()(const DropDistributedGroup& s) const {
    return sql::DropDistributedGroup(s.group, s.group_id);
  }
  Batch operator()(const DropGroup& s) const {
    return sql::DropAvailabilityGroup(s.group, s.group_id);
  }
  Batch operator()(const DropCertificate& s) const {
    return sql::DropPublicCertificate(s.name, s.thumbprint);
  }
  template <typename AzureStep>
  Batch operator()(const AzureStep& /*step*/) const {
    return Error{ErrorKind::kInternal, reason::kNotSql, "the step is not one for SQL Server", ""};
  }
};

}  // namespace

Result<sql::SqlBatch> BatchOf(const Step& step) { return std::visit(Builder{}, step); }

}  // namespace milink::link
