// What nobody outside knows about the real systems and the operator must bear either way, and the
// speeds of the simulated ones. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/clock.h"
#include "tests/sim/world/enums.h"

namespace milink::sim {

struct SimSwitches {
  // Role that SQL Server shows for the instance's member before it has ever joined.
  ReplicaRole role_before_join = ReplicaRole::kSecondary;
  // Is there a (NOT SYNCHRONIZING) database row for the remote member before it has joined?
  bool remote_row_before_join = false;
  // Does a link appear in lists and reads while its create operation runs?
  bool link_listed_while_creating = true;
  // Is a link still there after its create operation failed?
  bool failed_link_stays = false;
  // Does the create operation end when data flows (recorded for small databases), or already when
  // the two sides are connected?
  bool create_ends_when_seeded = true;
  // Do seeding rows carry the distributed group's id, or the local group's?
  bool seeding_rows_carry_distributed_group = true;
  // Is the physical part of a seeding row still shown after the seeding has completed?
  bool physical_seeding_row_stays = false;
  // Does one of the listed authorities suffice as trusted issuer, or must all be there?
  bool one_authority_suffices = false;
  // Does a new trust in the authority help alone, or must the certificate itself be imported under
  // the instance's name too (documented: it must)?
  bool own_certificate_required = true;
  // Is cluster_type of a distributed group's row NULL?
  bool cluster_type_of_distributed_is_null = false;
  // Does the check of a certificate's chain ask for the authority's issuer entry, too, or only for
  // the authority itself?
  bool chain_check_needs_issuer_entry = true;
  // May SQL Server fetch revocation data? If not, no chain can be validated.
  bool revocation_data_reachable = true;
  // Does a connection end with the certificate that SQL Server made it with, or only fail to be
  // made anew?
  bool expiry_breaks_connections = false;
  // Do last_connect_error_* keep their value after a later success?
  bool connect_error_stays = true;
  // Dropping the distributed group first: is the link then shown in error at once?
  bool azure_notices_dropped_group = true;
  // Is a wrong password for a master key told as 15466 (decryption failed), or as 15313?
  bool wrong_key_password_is_decryption_error = false;

  // Is the password of CERTPRIVATEKEY taken as UTF-16, or as the bytes of its characters?
  bool private_key_password_is_utf16 = false;
  // Does a missing encryption certificate show when the copy begins, or when the sides connect?
  bool missing_tde_certificate_fails_seeding = false;
  // The key of a linked database is given to another certificate, which the instance does not have.
  // Does its copy stop when it meets that in the log, as that of an availability group does, or go
  // on until it is opened anew?
  bool missing_tde_certificate_stops_copy = true;
  // Once it is there, does such a copy go on by itself, or only after it was resumed?
  bool stopped_copy_goes_on = true;
  // Is its number 41923, or 33111? (LINK-LIFECYCLE P8 has both.)
  bool missing_tde_certificate_is_33111 = false;

  // Azure (tests/sim/arm).
  bool one_link_creation_at_a_time = false;  // else 400 OperationCanNotStartDueToMiLink
  bool long_poll_urls = false;               // about 3 KB each, as real
  bool link_id_is_instance_id = false;       // seen until 2024-08
  bool global_rate_headers = true;           // the form since 2024-10
  // Does a link take the rights on hybridLink that the documentation asks for, beside its own?
  bool hybrid_link_rights = false;
  // Does it take Microsoft.Authorization/permissions/read to list one's own rights?
  bool listing_rights_takes_right = false;
  bool endpoint_blob_has_prefix = false;  // publicBlob of endpointCertificates with 0x
  // The upload of an encryption certificate: 200 at once, or an operation, which has an address for
  // its status, or only the one for its result.
  bool tde_upload_ends_at_once = false;
  bool tde_upload_has_status_url = true;
  int retry_after_seconds = 15;
};

struct SimTimings {
  Duration connect_delay{5'000};          // from accepted to the first attempt
  Duration retry_delay{5'000};            // between attempts
  Duration connect_timeout{600'000};      // then 41962
  Duration certificate_operation{5'000};  // upload or removal
  Duration drop_operation{10'000};        // removal of a link
  std::uint64_t seed_bytes_per_second = 50ULL << 20;
  std::uint64_t replication_bytes_per_second = 20ULL << 20;
  Duration network_latency{20};  // lag of a caught-up secondary
};

// Sets one switch by its name here; false when there is none of that name or the value is of
// another type. For descriptions in JSON and the control API.
bool SetSwitch(SimSwitches& switches, const std::string& name, const std::string& value);

}  // namespace milink::sim
