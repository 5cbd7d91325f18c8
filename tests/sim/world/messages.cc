// The messages of SQL Server that the simulated one can give: number, severity, text with the
// engine's own placeholders. Source: the published tables of engine events and errors.
#include <algorithm>
#include <array>
#include <cctype>

#include "tests/sim/world/outcome.h"

namespace milink::sim {
namespace {

struct Template {
  int number;
  int severity;
  std::string_view text;
};

constexpr auto kTemplates = std::to_array<Template>({
    // Syntax, names, permissions
    {102, 15, "Incorrect syntax near '%.*ls'."},
    {105, 15, "Unclosed quotation mark after the character string '%.*ls'."},
    {137, 15, "Must declare the scalar variable \"%.*ls\"."},
    {156, 15, "Incorrect syntax near the keyword '%.*ls'."},
    {195, 15, "'%.*ls' is not a recognized %S_MSG."},
    {201, 16, "Procedure or function '%.*ls' expects parameter '%.*ls', which was not supplied."},
    {207, 16, "Invalid column name '%.*ls'."},
    {208, 16, "Invalid object name '%.*ls'."},
    {209, 16, "Ambiguous column name '%.*ls'."},
    {214, 16, "Procedure expects parameter '%ls' of type '%ls'."},
    {226, 16, "%ls statement not allowed within multi-statement transaction."},
    {229, 14,
     "The %ls permission was denied on the object '%.*ls', database '%.*ls', schema '%.*ls'."},
    {241, 16, "Conversion failed when converting date and/or time from character string."},
    {242, 16,
     "The conversion of a %ls data type to a %ls data type resulted in an out-of-range value."},
    {245, 16, "Conversion failed when converting the %ls value '%.*ls' to data type %ls."},
    {262, 14, "%ls permission denied in database '%.*ls'."},
    {297, 16, "The user does not have permission to perform this action."},
    {300, 14, "%ls permission was denied on object '%.*ls', database '%.*ls'."},
    {343, 15, "Unknown object type '%.*ls' used in a CREATE, DROP, or ALTER statement."},
    {574, 16, "%ls statement cannot be used inside a user transaction."},
    {911, 16, "Database '%.*ls' does not exist. Make sure that the name is entered correctly."},
    {1205, 13,
     "Transaction (Process ID %d) was deadlocked on %.*ls resources with another process and has "
     "been chosen as the deadlock victim. Rerun the transaction."},
    {1222, 16, "Lock request time out period exceeded."},
    {2812, 16, "Could not find stored procedure '%.*ls'."},
    {3013, 16, "%hs is terminating abnormally."},
    {3014, 10, "%hs successfully processed %I64d pages in %d.%03d seconds (%d.%03d MB/sec)."},
    {3021, 16, "Cannot perform a backup or restore operation within a transaction."},
    {3201, 16, "Cannot open backup device '%ls'. Operating system error %ls."},
    {3701, 11,
     "Cannot %S_MSG the %S_MSG '%.*ls', because it does not exist or you do not have permission."},
    {3752, 16,
     "The database '%.*ls' is currently joined to an availability group.  Before you can drop the "
     "database, you need to remove it from the availability group."},
    {3902, 16, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION."},
    {3903, 16, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION."},
    {4060, 11, "Cannot open database \"%.*ls\" requested by the login. The login failed."},
    {4104, 16, "The multi-part identifier \"%.*ls\" could not be bound."},
    {4208, 16,
     "The statement %hs is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or "
     "change the recovery model using ALTER DATABASE."},
    {4214, 16, "BACKUP LOG cannot be performed because there is no current database backup."},
    {5011, 14,
     "User does not have permission to alter database '%.*ls', the database does not exist, or the "
     "database is not in a state that allows access checks."},
    {5069, 16, "ALTER DATABASE statement failed."},
    {5701, 10, "Changed database context to '%.*ls'."},
    {5703, 10, "Changed language setting to %.*ls."},
    {6005, 10, "SHUTDOWN is in progress."},
    {8114, 16, "Error converting data type %ls to %ls."},
    {8134, 16, "Divide by zero error encountered."},
    {8144, 16, "Procedure or function %.*ls has too many arguments specified."},
    {8145, 16, "%.*ls is not a parameter for procedure %.*ls."},
    {8152, 16, "String or binary data would be truncated."},
    {9002, 17, "The transaction log for database '%ls' is full due to '%ls'."},
    {17142, 14, "SQL Server service has been paused. No new connections will be allowed."},
    {18456, 14, "Login failed for user '%.*ls'.%.*ls"},
    {18470, 14, "Login failed for user '%.*ls'. Reason: The account is disabled.%.*ls"},
    {18487, 14,
     "Login failed for user '%.*ls'.  Reason: The password of the account has expired.%.*ls"},
    {50000, 16, "%ls"},
    // Keys, certificates, endpoints
    {7860, 15,
     "An endpoint's transport or content cannot be changed through the ALTER ENDPOINT statement. "
     "Use DROP ENDPOINT and execute the CREATE ENDPOINT statement to make these changes."},
    {7862, 16,
     "An endpoint of the requested type already exists.  Only one endpoint of this type is "
     "supported.  Use ALTER ENDPOINT or DROP the existing endpoint and execute the CREATE ENDPOINT "
     "statement."},
    {7863, 16,
     "The endpoint was not changed.  The ALTER ENDPOINT statement did not contain any values to "
     "modify or update."},
    {14256, 16, "Cannot start the job '%.*ls' because it does not have any job server defined."},
    {14261, 16, "The specified %.*ls ('%.*ls') already exists."},
    {14262, 16, "The specified %.*ls ('%.*ls') does not exist."},
    {15116, 16,
     "Password validation failed. The password does not meet the operating system policy "
     "requirements because it is too short."},
    {15118, 16,
     "Password validation failed. The password does not meet the operating system policy "
     "requirements because it is not complex enough."},
    {15151, 16,
     "Cannot %S_MSG the %S_MSG '%.*ls', because it does not exist or you do not have permission."},
    {15208, 16,
     "The certificate, asymmetric key, or private key file is not valid or does not exist; or you "
     "do not have permissions for it."},
    {15212, 16,
     "Invalid certificate subject. The certificate subject must have between 1 and %d characters."},
    {15213, 10,
     "Warning: The certificate you created is not yet valid; its start date is in the future."},
    {15214, 10, "Warning: The certificate you created is expired."},
    {15225, 11,
     "No item by the name of '%s' could be found in the current database '%s', given that "
     "@itemtype was input as '%s'."},
    {15232, 16,
     "A certificate with name '%s' already exists or this certificate already has been added to "
     "the database."},
    {15247, 16, "User does not have permission to perform this action."},
    {15297, 16, "The certificate, asymmetric key, or private key data is invalid."},
    {15313, 16, "The key is not encrypted using the specified decryptor."},
    {15466, 16, "An error occurred during decryption."},
    {15352, 16,
     "The %S_MSG cannot be dropped because one or more entities are either signed or encrypted "
     "using it."},
    {15578, 16,
     "There is already a master key in the database. Please drop it before performing this "
     "statement."},
    {15580, 16, "Cannot drop %S_MSG because %S_MSG '%.*s' is encrypted by it."},
    {15581, 16,
     "Please create a master key in the database or open the master key in the session before "
     "performing this operation."},
    {22022, 16, "SQLServerAgent Error: %.*ls"},
    {26023, 16,
     "Server TCP provider failed to listen on [ %hs <%hs> %d]. Tcp port is already in use."},
    {28055, 16,
     "The certificate '%.*ls' is not valid for endpoint authentication. The certificate must have "
     "a private key encrypted with the database master key and current UTC date has to be between "
     "the certificate start date and the certificate expiration date."},
    {28035, 10,
     "Connection handshake failed. The certificate used by the peer is invalid due to the "
     "following reason: %S_MSG. State %d."},
    {28047, 10, "%S_MSG login attempt failed with error: '%.*ls'. %.*ls"},
    {37447, 16,
     "The certificate '%.*ls' has been already added as a trusted issuer for DNS name '%.*ls'"},
    {37448, 16,
     "The certificate '%.*ls' cannot be removed from the trusted issuers for the DNS name '%.*ls' "
     "because it hasn't been added as trusted issuer for that DNS name."},
    {37449, 10,
     "Warning: The certificate chain of the certificate specified could not be validated at this "
     "time."},
    {37450, 16,
     "The certificate '%.*ls' cannot be added as a trusted issuer for a DNS name because it is not "
     "allowed to sign certificates"},
    {37451, 16, "DNS name provided exceeds maximum length of %d characters."},
    // Databases in groups
    {1408, 16,
     "The remote copy of database \"%.*ls\" is not recovered far enough to enable database "
     "mirroring or to join it to the availability group. You need to apply missing log records to "
     "the remote database by restoring the current log backups from the principal/primary "
     "database."},
    {1412, 16,
     "The remote copy of database \"%.*ls\" has not been rolled forward to a point in time that is "
     "encompassed in the local copy of the database log."},
    {1465, 16,
     "Database \"%.*ls\" database is not in full recovery mode on each of the server instances. "
     "The full recovery model is required for a database to participate in database mirroring or "
     "in an availability group."},
    {1466, 16,
     "Database \"%.*ls\" is read-only on one of the server instances which is incompatible with "
     "participating in database mirroring or in an availability group. Set the database to "
     "read-write mode, and retry the operation."},
    {1467, 16, "Database \"%.*ls\" is in emergency or suspect mode on one of the partners."},
    {1468, 16,
     "The operation cannot be performed on database \"%.*ls\" because it is involved in a database "
     "mirroring session or an availability group. Some operations are not allowed on a database "
     "that is participating in a database mirroring session or in an availability group."},
    {1469, 16,
     "Database \"%.*ls\" is an auto-close database on one of the server instances which is "
     "incompatible with participating in database mirroring or in an availability group."},
    {1475, 16,
     "Database \"%.*ls\" might contain bulk logged changes that have not been backed up. Take a "
     "log backup on the principal database or primary database. Then restore this backup either on "
     "the mirror database to enable database mirroring or on every secondary database to enable "
     "you to join it to the availability group."},
    {1488, 16,
     "Database \"%.*ls\" is in single user mode which is incompatible with participating in "
     "database mirroring or in an availability group. Set database to multi-user mode, and retry "
     "the operation."},
    {35208, 16,
     "Availability group DDL operations are permitted only when you are using the master database. "
     " Run the USE MASTER statement, and retry your availability group DDL command."},
    {35210, 16,
     "Failed to modify options for availability replica '%.*ls' in availability group '%.*ls'. The "
     "specified availability group does not contain an availability replica with specified name.  "
     "Verify that availability group name and availability replica name are correct, then retry "
     "the operation."},
    {35214, 16,
     "The %ls operation failed for availability replica '%.*ls'.  The minimum value for session "
     "timeout is %d.  Retry the operation specifying a valid session-timeout value."},
    {35220, 16,
     "Could not process the operation. Always On Availability Groups replica manager is waiting "
     "for the host computer to start a Windows Server Failover Clustering (WSFC) cluster and join "
     "it. Either the local computer is not a cluster node, or the local cluster node is not "
     "online."},
    {35221, 16,
     "Could not process the operation. Always On Availability Groups replica manager is disabled "
     "on this instance of SQL Server.  Enable Always On Availability Groups, by using the SQL "
     "Server Configuration Manager.  Then, restart the SQL Server service, and retry the currently "
     "operation."},
    {35232, 16,
     "The specified endpoint URL '%.*ls' is invalid.  Reenter the command specifying the correct "
     "URL."},
    {35236, 15,
     "The endpoint URL has not been specified for the availability replica hosted by server "
     "instance '%.*ls'.  Reenter the command, specifying the endpoint URL of this instance of SQL "
     "Server."},
    {35237, 16,
     "None of the specified replicas for availability group %.*ls maps to the instance of SQL "
     "Server to which you are connected. Reenter the command, specifying this server instance to "
     "host one of the replicas. This replica will be the initial primary replica."},
    {35238, 16,
     "Database '%.*ls' cannot be added to availability group '%.*ls'.  The database does not exist "
     "on this SQL Server instance.  Verify that the database name is correct and that the database "
     "exists, then retry the operation."},
    {35244, 16,
     "Database '%.*ls' cannot be added to availability group '%.*ls'.  The database is currently "
     "joined to another availability group.  Verify that the database name is correct and that the "
     "database is not joined to an availability group, then retry the operation."},
    {35249, 16,
     "An attempt to add or join a system database, '%.*ls', to an availability group failed. "
     "Specify only user databases for this operation."},
    {35277, 16, "Automatic failover is not supported for distributed availability group replica."},
    {41044, 16,
     "Availability group name to ID map entry for availability group '%.*ls' cannot be found."},
    {41106, 16,
     "Cannot create an availability replica for availability group '%.*ls'.  An availability "
     "replica of the specified availability group already exists on this instance of SQL Server."},
    {41114, 16,
     "Cannot create an availability group named '%.*ls' because it already exists on this instance "
     "of SQL Server."},
    {41140, 16,
     "Availability group '%.*ls' cannot process the ALTER AVAILABILITY GROUP command, because the "
     "local availability replica is not the primary replica."},
    {41151, 16,
     "Error accessing the Availability Groups manager. The local Availability Groups manager has "
     "not been initialized."},
    {41131, 10,
     "Failed to bring availability group '%.*ls' online.  The operation timed out. If this is a "
     "Windows Server Failover Clustering (WSFC) availability group, verify that the local WSFC "
     "node is online."},
    {41152, 16,
     "Failed to create availability group '%.*ls'.  The operation encountered SQL Server error %d "
     "and has been rolled back.  Check the SQL Server error log for more details.  When the cause "
     "of the error has been resolved, retry CREATE AVAILABILITY GROUP command."},
    {41185, 10,
     "Replica option specified in ALTER AVAILABILITY GROUP '%.*ls' MODIFY DDL is same is cached "
     "availability group configuration."},
    {41197, 15,
     "The FAILOVER_MODE option has not been specified for the replica '%.*ls'. Reenter the "
     "command, specifying a failover mode for the replica."},
    {41198, 15,
     "The AVAILABILITY_MODE option has not been specified for the replica '%.*ls'. Reenter the "
     "command, specifying an availability mode for the replica."},
    {41199, 16,
     "The specified command is invalid because the Always On Availability Groups %ls feature is "
     "not supported by this edition of SQL Server."},
    {47101, 16,
     "The cluster type of availability group '%.*ls' only supports MANUAL failover mode.  Verify "
     "the value specified for failover mode, then retry the operation."},
    {47102, 16,
     "The cluster type of availability group '%.*ls' only supports EXTERNAL failover mode.  Verify "
     "the value specified for failover mode, then retry the operation."},
    {47105, 16,
     "The Always On Availability Groups feature must be enabled for this server instance before "
     "you can perform availability group operations. Please enable the feature, then retry the "
     "operation."},
    {47122, 16,
     "Cannot failover an availability replica for availability group '%.*ls' since it has "
     "CLUSTER_TYPE = NONE. Only force failover is supported in this version of SQL Server."},
    // Distributed groups
    {19497, 16, "Conflicting option spec in CREATE AVAILABILITY GROUP '%.*ls'."},
    {19498, 16,
     "For distributed availability group '%.*ls', please specify the DISTRIBUTED option."},
    {19499, 16,
     "The specified listener URL '%.*ls' is invalid.  Reenter the command specifying the correct "
     "URL."},
    {19501, 16,
     "None of the specified availability groups exist locally. Please check your DDL and make sure "
     "there is one availability group exists locally."},
    {19503, 16,
     "Cannot create a distributed availability group '%.*ls'. Local availability group is "
     "participating in a distributed availability group as secondary."},
    {19504, 16,
     "Cannot failover a distributed availability replica for availability group '%.*ls'. Only "
     "force failover is supported in this version of SQL Server."},
    {19507, 16,
     "Cannot create a distributed availability group '%.*ls'. There is an already existing "
     "distributed availability group on top of the same replicas."},
    {19508, 16,
     "'ALTER AVAILABILITY GROUP MODIFY AVAILABILITY GROUP' command failed. Participant "
     "availability replica '%.*ls' not found in the distributed availability group '%.*ls'."},
    {19509, 16,
     "Cannot create a distributed availability group '%.*ls'. An availability group with the same "
     "name already exists."},
    {19510, 16, "Distributed availability group '%.*ls' not found."},
    {19511, 16,
     "Cannot join distributed availability group '%.*ls'. The local availability group '%.*ls' "
     "contains one or more databases. Remove all the databases or create an empty availability "
     "group to join a distributed availability group."},
    {19512, 16,
     "The requested operation only applies to distributed availability group, and is not supported "
     "on the specified availability group '%.*ls'. Please make sure you are specifying the correct "
     "availability group name."},
    {19513, 16,
     "Distributed availability group '%.*ls' cannot be built on top of basic local availability "
     "group. Check your local availability group DDL, then retry the operation."},
    {47500, 16,
     "Manual seeding is not supported option for secondary AG '%.*ls' configuration in distributed "
     "availability group '%.*ls' with secondary participant on Azure SQL Managed Instance. Please "
     "use automatic seeding instead."},
    {47501, 16,
     "Synchronous commit is not supported option for the initial secondary AG '%.*ls' "
     "configuration in distributed availability group '%.*ls' with secondary participant on Azure "
     "SQL Managed Instance. Please use asynchronous commit instead."},
    {47502, 16,
     "Cannot create distributed availability group '%.*ls' when local AG '%.*ls' contains more "
     "than one database when secondary participant is Azure SQL Managed Instance."},
    {47505, 16,
     "Endpoint with type %d does not exist or user does not have permission to view it."},
    {47506, 16,
     "Certificate for endpoint with type %d does not exist or user does not have permission to "
     "view it."},
    {47519, 16,
     "Cannot create distributed availability group '%.*ls' when local AG '%.*ls' does not contain "
     "database when secondary participant is Azure SQL Managed Instance."},
    {47520, 16,
     "Database cannot be removed from availability group which participates in distributed "
     "availability group in which secondary participant is Azure SQL Managed Instance."},
    {47523, 16,
     "'ALTER AVAILABILITY GROUP MODIFY AVAILABILITY GROUP' command failed. Specified option is not "
     "supported for altering distributed availability group in which secondary participant is "
     "Azure SQL Managed Instance."},
    {47129, 16,
     "Creating Distributed availability group '%.*ls' has failed. Cannot create Distributed "
     "Availability Group on top of Contained Availability Group."},
});

// The end of the placeholder that begins at `at` ("%.*ls", "%S_MSG", "%I64d", "%03d", ..).
std::size_t PlaceholderEnd(std::string_view text, std::size_t at) {
  constexpr std::string_view kMessage = "%S_MSG";
  if (text.substr(at, kMessage.size()) == kMessage) {
    return at + kMessage.size();
  }
  std::size_t end = at + 1;
  constexpr std::string_view kConversions = "sdu";
  while (end < text.size() && kConversions.find(text[end]) == std::string_view::npos) {
    ++end;
  }
  return std::min(end + 1, text.size());
}

std::string Fill(std::string_view text, const std::vector<std::string>& arguments) {
  std::string filled;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '%') {
      filled += text[at++];
      continue;
    }
    at = PlaceholderEnd(text, at);
    if (used < arguments.size()) {
      filled += arguments[used++];
    }
  }
  return filled;
}

}  // namespace

ServerMessage MakeMessage(int number, const std::vector<std::string>& arguments, int state) {
  const auto* const it = std::ranges::find(kTemplates, number, &Template::number);
  if (it == kTemplates.end()) {
    return {.number = 50'000,
            .severity = 16,
            .state = 1,
            .text = "The simulator has no text for message " + std::to_string(number) + ".",
            .procedure = {},
            .line = 1};
  }
  return {.number = number,
          .severity = it->severity,
          .state = state,
          .text = Fill(it->text, arguments),
          .procedure = {},
          .line = 1};
}

}  // namespace milink::sim
