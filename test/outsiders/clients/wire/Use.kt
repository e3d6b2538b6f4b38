import lyceum.v1.AddChatMemberRequest
import lyceum.v1.ChatRole
import lyceum.v1.Problem

/** The classes that Wire generates for Kotlin, as a program uses them. */
fun request(): ByteArray =
    AddChatMemberRequest(chat_id = 17, user_id = 4, role = ChatRole.CHAT_ROLE_OWNER).encode()

fun reasonOf(bytes: ByteArray): String = Problem.ADAPTER.decode(bytes).reason
