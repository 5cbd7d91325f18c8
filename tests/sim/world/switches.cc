#include "tests/sim/world/switches.h"

#include <charconv>
#include <map>

namespace milink::sim {
namespace {

std::map<std::string, bool*> Booleans(SimSwitches& s) {
  return {{"remoteRowBeforeJoin", &s.remote_row_before_join},
          {"linkListedWhileCreating", &s.link_listed_while_creating},
          {"failedLinkStays", &s.failed_link_stays},
          {"createEndsWhenSeeded", &s.create_ends_when_seeded},
          {"seedingRowsCarryDistributedGroup", &s.seeding_rows_carry_distributed_group},
          {"physicalSeedingRowStays", &s.physical_seeding_row_stays},
          {"oneAuthoritySuffices", &s.one_authority_suffices},
          {"ownCertificateRequired", &s.own_certificate_required},
          {"chainCheckNeedsIssuerEntry", &s.chain_check_needs_issuer_entry},
          {"revocationDataReachable", &s.revocation_data_reachable},
          {"clusterTypeOfDistributedIsNull", &s.cluster_type_of_distributed_is_null},
          {"expiryBreaksConnections", &s.expiry_breaks_connections},
          {"connectErrorStays", &s.connect_error_stays},
          {"wrongKeyPasswordIsDecryptionError", &s.wrong_key_password_is_decryption_error},
          {"azureNoticesDroppedGroup", &s.azure_notices_dropped_group},
          {"privateKeyPasswordIsUtf16", &s.private_key_password_is_utf16},
          {"missingTdeCertificateFailsSeeding", &s.missing_tde_certificate_fails_seeding},
          {"missingTdeCertificateStopsCopy", &s.missing_tde_certificate_stops_copy},
          {"stoppedCopyGoesOn", &s.stopped_copy_goes_on},
          {"missingTdeCertificateIs33111", &s.missing_tde_certificate_is_33111},
          {"tdeUploadEndsAtOnce", &s.tde_upload_ends_at_once},
          {"tdeUploadHasStatusUrl", &s.tde_upload_has_status_url},
          {"oneLinkCreationAtATime", &s.one_link_creation_at_a_time},
          {"longPollUrls", &s.long_poll_urls},
          {"linkIdIsInstanceId", &s.link_id_is_instance_id},
          {"globalRateHeaders", &s.global_rate_headers},
          {"hybridLinkRights", &s.hybrid_link_rights},
          {"listingRightsTakesRight", &s.listing_rights_takes_right},
          {"endpointBlobHasPrefix", &s.endpoint_blob_has_prefix}};
}

}  // namespace

bool SetSwitch(SimSwitches& switches, const std::string& name, const std::string& value) {
  const auto booleans = Booleans(switches);
  if (const auto it = booleans.find(name); it != booleans.end()) {
    *it->second = value == "true";
    return value == "true" || value == "false";
  }
  if (name == "roleBeforeJoin") {
    switches.role_before_join =
        value == "RESOLVING" ? ReplicaRole::kResolving : ReplicaRole::kSecondary;
    return value == "RESOLVING" || value == "SECONDARY";
  }
  if (name == "retryAfterSeconds") {
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), switches.retry_after_seconds);
    return error == std::errc{} && end == value.data() + value.size();
  }
  return false;
}

}  // namespace milink::sim
