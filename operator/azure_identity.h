// Which cloud the operator is in, and who it is there: its flags, and the variables that workload
// identity and the Azure SDKs use. Pure, but for what is told in the log.
#pragma once

#include <string>

#include "core/azure/cloud.h"
#include "core/azure/credential.h"
#include "core/azure/managed_instance_router.h"
#include "core/base/log.h"
#include "operator/options.h"

namespace milink::app {

// The cloud of links that name none: --azure-cloud, or the one whose sign-in AZURE_AUTHORITY_HOST
// is; Custom as soon as a flag or that variable describes another one.
azure::Cloud OwnCloud(const AzureOptions& options, const azure::EnvironmentReader& read);

// kInvalid "CredentialMissing" says what is not set.
Result<azure::CredentialSettings> OwnIdentity(const AzureOptions& options,
                                              const azure::EnvironmentReader& read);

// Both, and what is offered to links. Without an identity the operator still checks SQL Servers,
// and serves links that bring their own; others say what is missing, as the log does.
azure::RouterSettings AzureSettings(const AzureOptions& options,
                                    const azure::EnvironmentReader& read,
                                    const std::string& user_agent, const Logger& log);

}  // namespace milink::app
