import com.google.protobuf.timestamp
import lyceum.v1.ChatRole
import lyceum.v1.Problem
import lyceum.v1.addChatMemberRequest
import lyceum.v1.message

/** The builders and accessors that protoc generates for Kotlin, as a program uses them. */
fun request() = addChatMemberRequest {
    chatId = 17
    userId = 4
    role = ChatRole.CHAT_ROLE_OWNER
}

fun sent() = message {
    text = "Привет"
    createdAt = timestamp { seconds = 1_800_000_000 }
}

fun reasonOf(bytes: ByteArray): String = Problem.parseFrom(bytes).reason
