import build.buf.protovalidate.Validator;
import build.buf.protovalidate.ValidatorFactory;
import lyceum.v1.LoginRequest;
import outsider.Enrolment;

/**
 * A program that has both the contract and the real protovalidate: it starts, since no file, class or message of the two has the
 * same name, and it validates a message that holds one of the contract's.
 */
public final class Program {
  public static void main(String[] arguments) throws Exception {
    Validator validator = ValidatorFactory.newBuilder().build();
    if (validator.validate(Enrolment.getDefaultInstance()).isSuccess())
      throw new AssertionError("a message without its required field is valid");
    LoginRequest login = LoginRequest.newBuilder().setEmail("masha@example.org").setPassword("correct horse").build();
    if (!validator.validate(Enrolment.newBuilder().setLogin(login).build()).isSuccess())
      throw new AssertionError("a message with its required field is not valid");
  }
}
