import com.google.gson.Gson;
import com.google.protobuf.MessageLite;
import lyceum.v1.Problem;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import retrofit2.Call;
import retrofit2.Response;
import retrofit2.Retrofit;
import retrofit2.converter.protobuf.ProtoConverterFactory;
import retrofit2.http.Body;
import retrofit2.http.HeaderMap;
import retrofit2.http.Path;
import retrofit2.http.Query;

/** A client in Java: Retrofit, with its converter for protobuf. It reads a call from each line of its standard input. */
public final class Client {
  static final class Content {
    String type;
    String data;
  }

  static final class CallLine {
    int id;
    String rpc;
    String base;
    String token;
    Map<String, String> headers;
    String requestType;
    String message;
    Content content;
    String answer;
    List<String> produces;
    Map<String, String> path;
    Map<String, Object> query;
  }

  static final class AnswerLine {
    int id;
    Integer status;
    String contentType;
    String body;
    String reason;
    String error;
  }

  private static final String PROTOBUF = "application/x-protobuf";
  private static final Gson GSON = new Gson();

  public static void main(String[] arguments) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      CallLine call = GSON.fromJson(line, CallLine.class);
      AnswerLine answer = new AnswerLine();
      try {
        play(call, answer);
      } catch (Exception error) {
        error.printStackTrace();
        answer.error = error.toString();
      }
      answer.id = call.id;
      System.out.println(GSON.toJson(answer));
    }
    System.exit(0);
  }

  private static LyceumApi api;

  private static LyceumApi api(String base) {
    if (api != null) return api;
    OkHttpClient http = new OkHttpClient.Builder().addInterceptor(chain -> chain.proceed(accepting(chain.request()))).build();
    Retrofit retrofit =
        new Retrofit.Builder().baseUrl(base + "/").client(http).addConverterFactory(ProtoConverterFactory.create()).build();
    return api = retrofit.create(LyceumApi.class);
  }

  /** Retrofit sends no Accept header. The answer to a message has its type; where none is sent, the client names the type. */
  private static Request accepting(Request request) {
    boolean isMessage = request.body() != null && MediaType.get(PROTOBUF).equals(request.body().contentType());
    if (isMessage || request.header("Accept") != null) return request;
    return request.newBuilder().header("Accept", PROTOBUF).build();
  }

  private static void play(CallLine call, AnswerLine answer) throws Exception {
    Method method = Arrays.stream(LyceumApi.class.getMethods()).filter(each -> each.getName().equals(call.rpc)).findFirst().get();
    Call<?> pending = (Call<?>) method.invoke(api(call.base), argumentsOf(method, call));
    Response<?> response = pending.execute();
    answer.status = response.code();
    answer.contentType = response.headers().get("Content-Type");
    if (!response.isSuccessful()) {
      Problem problem = Problem.parseFrom(response.errorBody().bytes());
      answer.reason = problem.getReason();
      answer.body = encode(problem.toByteArray());
    } else if (response.body() instanceof MessageLite message) {
      answer.body = encode(message.toByteArray());
    } else if (response.body() instanceof ResponseBody body) {
      try (body) {
        answer.body = encode(call.answer.equals("stream") ? firstEvent(body.source()) : body.bytes());
      }
    } else if (response.body() != null) {
      throw new IOException("a body where nothing was expected");
    }
  }

  private static Object[] argumentsOf(Method method, CallLine call) throws Exception {
    List<Object> values = new ArrayList<>();
    for (Annotation[] annotations : method.getParameterAnnotations()) {
      if (annotations[0] instanceof Path path) values.add(call.path.get(path.value()));
      else if (annotations[0] instanceof Query query) values.add(textsOf(call.query.get(query.value())));
      else if (annotations[0] instanceof HeaderMap) values.add(headersOf(call));
      else if (annotations[0] instanceof Body) values.add(bodyOf(call));
    }
    return values.toArray();
  }

  private static List<String> textsOf(Object value) {
    if (value == null) return List.of();
    List<String> texts = new ArrayList<>();
    for (Object item : value instanceof List<?> items ? items : List.of(value))
      texts.add(item instanceof Double number ? String.valueOf(number.longValue()) : item.toString());
    return texts;
  }

  private static Map<String, String> headersOf(CallLine call) {
    Map<String, String> headers = new HashMap<>(call.headers);
    if (call.token != null) headers.put("Authorization", "Bearer " + call.token);
    if (!call.produces.isEmpty()) headers.put("Accept", String.join(", ", call.produces) + ", " + PROTOBUF);
    return headers;
  }

  private static Object bodyOf(CallLine call) throws Exception {
    if (call.content != null)
      return RequestBody.create(Base64.getDecoder().decode(call.content.data), MediaType.get(call.content.type));
    return LyceumTypes.BY_NAME.get(call.requestType).getParserForType().parseFrom(Base64.getDecoder().decode(call.message));
  }

  /** The bytes of a stream up to the empty line behind the first line of data. */
  private static byte[] firstEvent(BufferedSource stream) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (boolean hasData = false; ; ) {
      String line = stream.readUtf8LineStrict();
      text.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      hasData = hasData || line.startsWith("data:");
      if (hasData && line.isEmpty()) return text.toByteArray();
    }
  }

  private static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
