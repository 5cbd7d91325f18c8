// The words of a SqlServerReplica's conditions and events.
#pragma once

#include "core/api/reasons.h"

namespace milink::replica {

using api::condition_type::kAlwaysOnEnabled;
using api::condition_type::kCertificateReady;
using api::condition_type::kEndpointReady;
using api::condition_type::kMasterKeyReady;
using api::condition_type::kPermissionsGranted;
using api::condition_type::kReachable;
using api::condition_type::kReady;
using api::condition_type::kReconciling;
using api::condition_type::kStalled;
using api::condition_type::kTraceFlagsSet;
using api::condition_type::kVersionSupported;

namespace reason = api::reason;

}  // namespace milink::replica
